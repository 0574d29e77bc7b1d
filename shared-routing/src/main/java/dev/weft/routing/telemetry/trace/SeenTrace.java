package dev.weft.routing.telemetry.trace;

import dev.weft.routing.exchange.trace.TraceContext;

/**
 * A sampled request that fell into a bucket of a histogram: an exemplar, by which whoever sees the
 * bucket finds a trace.
 *
 * @param context its trace, and the span of this hop
 * @param millis that it took
 * @param epochMillis when it ended
 */
public record SeenTrace(TraceContext context, double millis, long epochMillis) {}
