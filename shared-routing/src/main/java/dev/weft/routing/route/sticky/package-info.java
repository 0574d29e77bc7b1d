/**
 * Which version a user stays on. Floor 2. Open {@link dev.weft.routing.route.sticky.Cohorts} first.
 */
package dev.weft.routing.route.sticky;
