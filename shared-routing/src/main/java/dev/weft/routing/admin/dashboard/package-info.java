/**
 * The pages that a proxy shows to people, and what they are drawn from: an hour of golden signals
 * in memory, and what happens now as server-sent events. Floor 7; open {@link
 * dev.weft.routing.admin.dashboard.Dashboard} first.
 *
 * <p>What requests cost does not change by it: it reads counters that exist, on a worker.
 */
@NullMarked
package dev.weft.routing.admin.dashboard;

import org.jspecify.annotations.NullMarked;
