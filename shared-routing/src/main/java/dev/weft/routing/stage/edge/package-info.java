/**
 * What a gateway asks of its callers and tells them. Floor 5; open {@link
 * dev.weft.routing.stage.edge.EdgePolicies} first.
 */
package dev.weft.routing.stage.edge;
