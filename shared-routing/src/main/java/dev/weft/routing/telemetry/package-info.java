/**
 * What a proxy tells of itself: golden signals under Istio's names, saturation, the access log, and
 * the tap. Floor 2. Open {@link dev.weft.routing.telemetry.MeshSignals} first.
 *
 * <p>Event loops count into numbers that only they write and hand access log entries to a ring;
 * names, text and files belong to the threads that scrape and drain.
 */
package dev.weft.routing.telemetry;
