/**
 * Tells collectors of spans: as OTLP over gRPC or HTTP, or as Zipkin's JSON. Floor 2. Open {@link
 * dev.weft.routing.telemetry.collect.TraceExporter} first.
 */
package dev.weft.routing.telemetry.collect;
