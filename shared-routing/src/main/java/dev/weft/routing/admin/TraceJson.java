package dev.weft.routing.admin;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.trace.HopTrace;
import dev.weft.routing.telemetry.trace.Tags;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Requests that failed or were slow as JSON; the fields are listed in {@code docs/signals.md}. */
final class TraceJson {

  private static final double NANOS_IN_A_MILLI = 1_000_000;
  private static final long NANOS = 1_000_000_000;

  private TraceJson() {}

  /**
   * @param trace id of the only trace that is wanted
   * @param most how many, from 0
   */
  static JsonObject of(List<HopTrace> all, Optional<String> trace, int most) {
    JsonArray array = new JsonArray();
    all.stream()
        .filter(one -> trace.isEmpty() || one.context().map(TraceContext::traceId).equals(trace))
        .limit(most)
        .forEach(one -> array.add(of(one)));
    return new JsonObject().put("traces", array);
  }

  private static JsonObject of(HopTrace hop) {
    long started = hop.times().startedEpochNanos();
    JsonObject json =
        new JsonObject()
            .put("time", Instant.ofEpochSecond(started / NANOS, started % NANOS).toString())
            .put("duration_ms", hop.times().durationNanos() / NANOS_IN_A_MILLI);
    hop.context().ifPresent(context -> context(json, context));
    hop.link().ifPresent(link -> json.put("link", link(link)));
    asked(json, hop.asked());
    json.put("status", hop.ending().status());
    hop.ending().grpcStatus().ifPresent(status -> json.put("grpc_status", status));
    hop.failure().ifPresent(failure -> failure(json, failure, hop.ending().flags()));
    if (hop.failure().isEmpty() && hop.ending().delayed()) {
      json.put("flags", hop.ending().flags());
    }
    json.put("route", hop.way().route())
        .put("cluster", hop.way().cluster().map(Object::toString).orElse("-"))
        .put("config", hop.way().config());
    if (!hop.way().fault().isEmpty()) {
      json.put("fault", hop.way().fault());
    }
    if (!hop.tags().isEmpty()) {
      JsonObject tags = new JsonObject();
      for (Tags.Tag tag : hop.tags()) {
        tags.put(tag.name(), tag.value());
      }
      json.put("tags", tags);
    }
    JsonArray attempts = new JsonArray();
    hop.attempts().forEach(attempt -> attempts.add(attempt(hop, attempt)));
    return json.put("attempts", attempts);
  }

  private static void context(JsonObject json, TraceContext context) {
    json.put("trace", context.traceId()).put("sampled", context.sampled());
    if (context.span() != 0) {
      json.put("span", TraceContext.spanId(context.span()));
    }
    if (context.parent() != 0) {
      json.put("parent", TraceContext.spanId(context.parent()));
    }
  }

  private static JsonObject link(InferredLink link) {
    return new JsonObject()
        .put("inferred", true)
        .put("by", link.by().word())
        .put("trace", link.to().traceId())
        .put("span", TraceContext.spanId(link.to().span()));
  }

  private static void asked(JsonObject json, HopTrace.Asked asked) {
    json.put("request_id", asked.requestId())
        .put("method", asked.method())
        .put("scheme", asked.scheme())
        .put("authority", asked.authority())
        .put("path", asked.path())
        .put("protocol", asked.protocol())
        .put("source", asked.caller())
        .put("principal", asked.principal().orElse("-"));
  }

  private static JsonObject attempt(HopTrace hop, AttemptFacts attempt) {
    long began = attempt.beganNanos() - hop.times().startedNanos();
    JsonObject json =
        new JsonObject()
            .put("attempt", attempt.number())
            .put("retry", attempt.number() > 1)
            .put("endpoint", attempt.endpoint())
            .put("began_ms", began / NANOS_IN_A_MILLI);
    if (attempt.answeredNanos() != 0) {
      long took = attempt.answeredNanos() - attempt.beganNanos();
      json.put("answered_ms", took / NANOS_IN_A_MILLI);
    }
    if (attempt.span() != 0) {
      json.put("span", TraceContext.spanId(attempt.span()));
    }
    if (attempt.status() != 0) {
      json.put("status", attempt.status());
    }
    attempt.failure().ifPresent(failure -> failure(json, failure, failure.reason().flag()));
    return json.put("breaker", attempt.breaker().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  private static void failure(JsonObject json, ProxyFailure failure, String flags) {
    json.put("cause", failure.reason().word())
        .put("flags", flags)
        .put("detail", String.valueOf(failure.getMessage()));
  }
}
