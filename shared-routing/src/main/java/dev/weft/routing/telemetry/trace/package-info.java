/**
 * What is told of one request as a part of a trace, and the last of them that failed or were slow.
 * Floor 2. Open {@link dev.weft.routing.telemetry.trace.HopTrace} first.
 */
package dev.weft.routing.telemetry.trace;
