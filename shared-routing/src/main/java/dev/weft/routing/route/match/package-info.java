/**
 * Whether a request is what a rule asks for. Open {@link dev.weft.routing.route.match.Condition}
 * first.
 */
package dev.weft.routing.route.match;
