package dev.weft.routing.telemetry;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Exchange.Known;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is noted of one request that ended, by reference and without text: an event loop fills it,
 * others write it down.
 *
 * @param endedEpochMillis when it ended
 * @param durationNanos from its first byte to its response's last
 * @param known from whom, as the edge knows
 * @param seed from which every draw of the decision was mixed
 * @param endpoint last tried, {@code -} for none
 * @param attempts sent upstream
 * @param requestId {@code x-request-id}
 * @param userAgent as sent; never trusted
 * @param trace that it belongs to, where traces are kept
 * @param headers that configuration wants noted, in its order
 */
public record AccessEntry(
    long endedEpochMillis,
    long durationNanos,
    RequestHead head,
    HttpVersion version,
    Caller caller,
    Known known,
    Decision decision,
    long seed,
    String endpoint,
    int attempts,
    String configVersion,
    Optional<String> requestId,
    Optional<String> userAgent,
    Optional<TraceContext> trace,
    List<Map.Entry<String, String>> headers,
    Ending ending)
    implements AccessLine.Entry {

  /** Where it was sent; empty when the proxy answered. */
  public Optional<ClusterName> cluster() {
    return decision.action() instanceof Decision.Forward forward
        ? Optional.of(forward.cluster())
        : Optional.empty();
  }

  @Override
  public Optional<String> way() {
    return cluster().map(Object::toString);
  }

  @Override
  public OptionalInt status() {
    return OptionalInt.of(ending.status());
  }

  @Override
  public String route() {
    return decision.route().name();
  }

  @Override
  public Optional<String> path() {
    return Optional.of(head.path());
  }

  @Override
  public Optional<String> principal() {
    return caller.principal();
  }

  /**
   * All are always there but {@code cause}, {@code detail}, {@code grpc_status}, {@code trace},
   * {@code user}, {@code api_key} and {@code headers}.
   */
  @Override
  public void fields(JsonGenerator json) throws IOException {
    AccessLine.began(json, endedEpochMillis, durationNanos);
    json.writeStringField("method", head.method());
    json.writeStringField("scheme", head.scheme());
    json.writeStringField("authority", head.authority());
    json.writeStringField("path", head.target());
    json.writeStringField("protocol", version.alpnName());
    answer(json);
    json.writeStringField("route", route());
    json.writeStringField("cluster", way().orElse("-"));
    json.writeStringField("endpoint", endpoint);
    json.writeNumberField("attempts", attempts);
    json.writeStringField("config", configVersion);
    json.writeStringField("seed", HexFormat.of().toHexDigits(seed));
    json.writeStringField("request_id", requestId.orElse("-"));
    if (trace.isPresent()) {
      json.writeStringField("trace", trace.get().traceId());
    }
    AccessLine.caller(json, caller);
    if (known.user().isPresent()) {
      json.writeStringField("user", known.user().get());
    }
    if (known.apiKey().isPresent()) {
      json.writeStringField("api_key", known.apiKey().get());
    }
    json.writeStringField("user_agent", userAgent.orElse("-"));
    if (!headers.isEmpty()) {
      json.writeObjectFieldStart("headers");
      for (Map.Entry<String, String> header : headers) {
        json.writeStringField(header.getKey(), header.getValue());
      }
      json.writeEndObject();
    }
  }

  private void answer(JsonGenerator json) throws IOException {
    json.writeNumberField("status", ending.status());
    json.writeStringField(
        "flags", ending.failure().map(failure -> failure.reason().flag()).orElse("-"));
    if (ending.failure().isPresent()) {
      json.writeStringField("cause", ending.failure().get().reason().word());
      json.writeStringField("detail", String.valueOf(ending.failure().get().getMessage()));
    }
    if (ending.grpcStatus().isPresent()) {
      json.writeNumberField("grpc_status", ending.grpcStatus().getAsInt());
    }
    AccessLine.took(json, durationNanos, ending.requestBytes(), ending.responseBytes());
  }
}
