/**
 * Weft's own kind, {@code ProxySettings}, read from its fields into the model. Open {@link
 * dev.weft.config.settings.SettingsReader} first.
 */
package dev.weft.config.settings;
