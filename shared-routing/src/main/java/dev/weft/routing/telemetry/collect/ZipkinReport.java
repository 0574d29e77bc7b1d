package dev.weft.routing.telemetry.collect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Spans as Zipkin's JSON, version 2. It has no links: an inferred one is told by tags.
 *
 * <p>Source: zipkin-api, {@code zipkin2-api.yaml}; OpenTelemetry's "Zipkin exporter" for what of a
 * span stands where.
 */
final class ZipkinReport {

  private static final JsonFactory JSON = new JsonFactory();
  private static final int SPAN = 512; // bytes that most do not exceed
  private static final long NANOS_PER_MICRO = 1000;
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");

  private ZipkinReport() {}

  /**
   * @param service whose spans they are
   */
  static Buffer of(List<SpanData> spans, String service) {
    Buffer report = Buffer.buffer(SPAN * spans.size());
    try (JsonGenerator json = JSON.createGenerator(new BufferOutput(report))) {
      json.writeStartArray();
      for (SpanData span : spans) {
        json.writeStartObject();
        span(json, span, service);
        json.writeObjectFieldStart("tags");
        tags(json, span);
        json.writeEndObject();
        json.writeEndObject();
      }
      json.writeEndArray();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // memory does not fail
    }
    return report;
  }

  private static void span(JsonGenerator json, SpanData span, String service) throws IOException {
    json.writeStringField("traceId", span.getTraceId());
    json.writeStringField("id", span.getSpanId());
    if (span.getParentSpanContext().isValid()) {
      json.writeStringField("parentId", span.getParentSpanId());
    }
    if (span.getKind() != SpanKind.INTERNAL) { // of which Zipkin does not know
      json.writeStringField("kind", span.getKind().name());
    }
    long took = span.getEndEpochNanos() - span.getStartEpochNanos();
    json.writeNumberField("timestamp", span.getStartEpochNanos() / NANOS_PER_MICRO);
    json.writeNumberField("duration", Math.max(1, took / NANOS_PER_MICRO));
    json.writeStringField("name", span.getName());
    if (span instanceof Replay.Debugged) {
      json.writeBooleanField("debug", true);
    }
    json.writeObjectFieldStart("localEndpoint");
    json.writeStringField("serviceName", service);
    json.writeEndObject();
  }

  private static void tags(JsonGenerator json, SpanData span) throws IOException {
    tags(json, span.getAttributes(), name -> true);
    if (span.getKind() == SpanKind.SERVER) {
      tags(json, span.getResource().getAttributes(), name -> name.startsWith("istio."));
    }
    if (span.getStatus().getStatusCode() == StatusCode.ERROR) {
      @Nullable Long status = span.getAttributes().get(STATUS);
      String why = span.getStatus().getDescription();
      // by which Zipkin finds what failed
      json.writeStringField(
          "error", status != null ? status.toString() : why.isEmpty() ? "true" : why);
    }
  }

  private static void tags(JsonGenerator json, Attributes all, Predicate<String> wanted) {
    all.forEach(
        (key, value) -> {
          try {
            if (wanted.test(key.getKey())) {
              json.writeStringField(key.getKey(), value.toString());
            }
          } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // memory does not fail
          }
        });
  }
}
