/**
 * The running side of a destination: its endpoints, their health, and which comes next. Knows
 * nothing of connections. Floor 3. Open {@link dev.weft.routing.cluster.Upstream} first.
 */
package dev.weft.routing.cluster;
