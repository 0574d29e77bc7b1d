/**
 * What Istio has no field for, as values that never change: the kind {@code ProxySettings}. Uses
 * {@code model} only. Open {@link dev.weft.config.model.settings.Settings} first.
 */
package dev.weft.config.model.settings;
