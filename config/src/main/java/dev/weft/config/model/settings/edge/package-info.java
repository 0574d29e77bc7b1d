/**
 * What a gateway asks of its callers and tells them. Floor of the model; open {@link
 * dev.weft.config.model.settings.edge.EdgePolicy} first.
 */
package dev.weft.config.model.settings.edge;
