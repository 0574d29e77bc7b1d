/**
 * Reads what rules for requests and for connections have in common, and those for connections. Open
 * {@link dev.weft.config.istio.route.Destinations} first.
 */
package dev.weft.config.istio.route;
