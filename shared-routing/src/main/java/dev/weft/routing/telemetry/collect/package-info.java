/**
 * Tells collectors of spans, which are those of OpenTelemetry's SDK: as OTLP over gRPC or HTTP by
 * its exporters, or as Zipkin's JSON. Floor 2. Open {@link
 * dev.weft.routing.telemetry.collect.TraceExporter} first.
 */
package dev.weft.routing.telemetry.collect;
