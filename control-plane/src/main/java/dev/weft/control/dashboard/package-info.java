/**
 * The dashboard of the whole mesh: what proxies tell, added up, and the way to each of them. Open
 * {@link dev.weft.control.dashboard.MeshDashboard} first.
 */
@NullMarked
package dev.weft.control.dashboard;

import org.jspecify.annotations.NullMarked;
