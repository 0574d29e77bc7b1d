/**
 * What becomes of a request, as a pure function. Floor 2, with {@code route.match} below it. Open
 * {@link dev.weft.routing.route.RouteTable} first.
 */
package dev.weft.routing.route;
