package dev.weft.routing.telemetry.collect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.trace.HopTrace;
import dev.weft.routing.telemetry.trace.SpanFacts;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Spans as Zipkin's JSON, version 2. It has no links: an inferred one is told by tags.
 *
 * <p>Source: zipkin-api, {@code zipkin2-api.yaml}.
 */
final class ZipkinReport {

  private static final JsonFactory JSON = new JsonFactory();
  private static final long NANOS_PER_MICRO = 1000;

  private ZipkinReport() {}

  /**
   * @param most characters that a path's tag has
   */
  static Buffer of(List<HopTrace> hops, Reporter reporter, int most) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024 * hops.size());
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartArray();
      for (HopTrace hop : hops) {
        TraceContext context = hop.context().orElseThrow();
        server(json, hop, context, reporter, most);
        for (AttemptFacts attempt : hop.attempts()) {
          client(json, hop, context, attempt, reporter);
        }
      }
      json.writeEndArray();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // memory does not fail
    }
    return Buffer.buffer(out.toByteArray());
  }

  private static void server(
      JsonGenerator json, HopTrace hop, TraceContext context, Reporter reporter, int most)
      throws IOException {
    json.writeStartObject();
    ids(json, context, context.span(), context.parent());
    json.writeStringField("kind", "SERVER");
    times(json, hop.times().startedEpochNanos(), hop.times().ended());
    named(json, hop, context, reporter);
    json.writeObjectFieldStart("tags");
    SpanFacts.hop(hop, most, tags(json));
    if (reporter.istioTags()) {
      json.writeStringField("istio.canonical_service", reporter.app());
      json.writeStringField("istio.canonical_revision", reporter.version());
      json.writeStringField("istio.namespace", reporter.namespace());
    }
    if (hop.failed()) {
      error(json, Integer.toString(hop.ending().status()));
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void client(
      JsonGenerator json,
      HopTrace hop,
      TraceContext context,
      AttemptFacts attempt,
      Reporter reporter)
      throws IOException {
    boolean last = attempt.number() == hop.attempts().size();
    long ended = last && attempt.failure().isEmpty() ? 0 : attempt.answeredNanos();
    json.writeStartObject();
    ids(json, context, attempt.span(), context.span());
    json.writeStringField("kind", "CLIENT");
    times(json, hop.times().epoch(attempt.beganNanos()), hop.times().epoch(ended));
    named(json, hop, context, reporter);
    json.writeObjectFieldStart("tags");
    SpanFacts.attempt(hop, attempt, tags(json));
    if (SpanFacts.failed(attempt)) {
      error(json, Integer.toString(attempt.status()));
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  /** By which Zipkin finds what failed. */
  private static void error(JsonGenerator json, String what) throws IOException {
    json.writeStringField("error", what);
  }

  private static void ids(JsonGenerator json, TraceContext context, long id, long parent)
      throws IOException {
    json.writeStringField("traceId", context.traceId());
    json.writeStringField("id", TraceContext.spanId(id));
    if (parent != 0) {
      json.writeStringField("parentId", TraceContext.spanId(parent));
    }
  }

  private static void times(JsonGenerator json, long began, long ended) throws IOException {
    json.writeNumberField("timestamp", began / NANOS_PER_MICRO);
    json.writeNumberField("duration", Math.max(1, (ended - began) / NANOS_PER_MICRO));
  }

  private static void named(
      JsonGenerator json, HopTrace hop, TraceContext context, Reporter reporter)
      throws IOException {
    json.writeStringField("name", SpanFacts.name(hop));
    if ((context.flags() & TraceContext.DEBUG) != 0) {
      json.writeBooleanField("debug", true);
    }
    json.writeObjectFieldStart("localEndpoint");
    json.writeStringField("serviceName", reporter.service());
    json.writeEndObject();
  }

  private static BiConsumer<String, Object> tags(JsonGenerator json) {
    return (name, value) -> {
      try {
        json.writeStringField(name, value.toString());
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible); // memory does not fail
      }
    };
  }
}
