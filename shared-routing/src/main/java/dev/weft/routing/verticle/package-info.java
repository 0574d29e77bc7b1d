/**
 * What owns state and time, and tells of transitions on the event bus. Floor 8. Open {@link
 * dev.weft.routing.verticle.WeightedRoutingVerticle} first.
 */
package dev.weft.routing.verticle;
