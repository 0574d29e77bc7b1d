/**
 * What an explanation tells beside the route. Open {@link
 * dev.weft.routing.process.explain.Admissions} first.
 */
package dev.weft.routing.process.explain;
