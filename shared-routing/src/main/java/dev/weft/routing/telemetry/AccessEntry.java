package dev.weft.routing.telemetry;

import dev.weft.config.logging.Attribute;
import dev.weft.config.logging.Facts;
import dev.weft.config.logging.Operator;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Exchange.Known;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.route.match.QueryText;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.line.LineBytes;
import dev.weft.routing.telemetry.line.LineField;
import dev.weft.routing.telemetry.line.LineRules;
import dev.weft.routing.telemetry.line.Taken;
import dev.weft.routing.telemetry.trace.Failing;
import io.vertx.core.http.HttpVersion;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What is noted of one request that ended, by reference and without text: an event loop fills it,
 * others write it down.
 *
 * @param endedEpochMillis when it ended
 * @param durationNanos from its first byte to its response's last
 * @param headNanos from its first byte to the head of its service's answer; 0 where none answered
 * @param known from whom, as the edge knows
 * @param seed from which every draw of the decision was mixed
 * @param endpoint last tried, {@code -} for none
 * @param attempts sent upstream
 * @param requestId {@code x-request-id}
 * @param userAgent as sent; never trusted
 * @param trace that it belongs to, where traces are kept
 * @param headers that configuration wants noted, in its order
 * @param rules how its line is written
 * @param asked headers of the request that lines and filters ask for
 * @param given headers of the answer, likewise
 * @param trailers of the answer, likewise
 */
public record AccessEntry(
    long endedEpochMillis,
    long durationNanos,
    long headNanos,
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
    LineRules rules,
    Taken asked,
    Taken given,
    Taken trailers,
    Ending ending)
    implements AccessLine.Entry, Facts {

  private static final String ORIGINAL_PATH = "x-envoy-original-path"; // the path as it came
  private static final Set<Cause> UNCONNECTED =
      EnumSet.of(
          Cause.NAME_UNRESOLVED,
          Cause.CONNECT_REFUSED,
          Cause.CONNECT_TIMEOUT,
          Cause.UPSTREAM_TLS,
          Cause.UPSTREAM_IDENTITY,
          Cause.NO_CERTIFICATE);

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
  public boolean failed() {
    return Failing.failed(ending);
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
  public void fields(LineBytes line) {
    AccessLine.began(line, endedEpochMillis, durationNanos);
    line.field(LineField.METHOD, head.method());
    line.field(LineField.SCHEME, head.scheme());
    line.field(LineField.AUTHORITY, head.authority());
    line.field(LineField.PATH, target());
    line.field(LineField.PROTOCOL, version.alpnName());
    answer(line);
    line.field(LineField.ROUTE, route());
    line.named(LineField.CLUSTER, cluster().<Object>map(name -> name).orElse("-"));
    line.field(LineField.ENDPOINT, endpoint);
    line.field(LineField.ATTEMPTS, attempts);
    line.field(LineField.CONFIG, configVersion);
    line.hex(LineField.SEED, seed);
    line.field(LineField.REQUEST_ID, requestId.orElse("-"));
    if (trace.isPresent()) {
      line.hex(LineField.TRACE, trace.get().high(), trace.get().low());
    }
    AccessLine.caller(line, caller);
    line.field(LineField.PORT, caller.localPort());
    if (known.user().isPresent()) {
      line.field(LineField.USER, known.user().get());
    }
    if (known.apiKey().isPresent()) {
      line.field(LineField.API_KEY, known.apiKey().get());
    }
    line.field(LineField.USER_AGENT, userAgent.orElse("-"));
    if (!headers.isEmpty()) {
      line.object(LineField.HEADERS, headers);
    }
  }

  /** Path and query, without secrets. */
  private String target() {
    return head.query().isEmpty()
        ? head.path()
        : head.path() + "?" + QueryText.shown(head.query(), rules.redacted());
  }

  private void answer(LineBytes line) {
    line.field(LineField.STATUS, ending.status());
    line.field(LineField.FLAGS, ending.flags());
    if (ending.failure().isPresent()) {
      line.field(LineField.CAUSE, ending.failure().get().reason().word());
      line.field(LineField.DETAIL, String.valueOf(ending.failure().get().getMessage()));
    }
    if (ending.grpcStatus().isPresent()) {
      line.field(LineField.GRPC_STATUS, ending.grpcStatus().getAsInt());
    }
    AccessLine.took(line, durationNanos, ending.requestBytes(), ending.responseBytes());
  }

  @Override
  public Optional<String> request(String name) {
    return switch (name) {
      case ":method" -> Optional.of(head.method());
      case ":path" -> Optional.of(target());
      case ":authority" -> Optional.of(head.authority());
      case ":scheme" -> Optional.of(head.scheme());
      case ORIGINAL_PATH -> Optional.empty(); // nobody's but ours to say
      default -> asked.value(name);
    };
  }

  @Override
  public Optional<String> response(String name) {
    return given.value(name);
  }

  @Override
  public Optional<String> trailer(String name) {
    return trailers.value(name);
  }

  @Override
  public Instant came() {
    return Instant.ofEpochMilli(endedEpochMillis).minusNanos(durationNanos);
  }

  @Override
  public Optional<String> value(Operator operator) {
    return switch (operator) {
      case START_TIME -> Optional.of(AccessLine.began(endedEpochMillis, durationNanos));
      case DURATION -> Optional.of(AccessLine.millis(durationNanos));
      case PROTOCOL -> Optional.of(protocol());
      case BYTES_RECEIVED -> Optional.of(Long.toString(ending.requestBytes()));
      case BYTES_SENT -> Optional.of(Long.toString(ending.responseBytes()));
      case RESPONSE_CODE -> Optional.of(Integer.toString(ending.status()));
      case RESPONSE_CODE_DETAILS -> Optional.of(details());
      case RESPONSE_FLAGS -> Optional.of(ending.flags());
      case GRPC_STATUS_NUMBER ->
          ending.grpcStatus().stream().mapToObj(Integer::toString).findFirst();
      case UPSTREAM_TRANSPORT_FAILURE_REASON ->
          ending
              .failure()
              .filter(failure -> UNCONNECTED.contains(failure.reason()))
              .map(ProxyFailure::getMessage);
      case UPSTREAM_HOST -> Optional.of(endpoint);
      case UPSTREAM_CLUSTER, UPSTREAM_CLUSTER_RAW -> way();
      case UPSTREAM_REQUEST_ATTEMPT_COUNT -> Optional.of(Integer.toString(attempts));
      case ROUTE_NAME -> Optional.of(route());
      case TRACE_ID -> trace.map(TraceContext::traceId);
      case WEFT_CAUSE -> cause();
      case WEFT_DETAIL -> ending.failure().map(ProxyFailure::getMessage);
      case WEFT_CONFIG -> Optional.of(configVersion);
      case WEFT_SEED -> Optional.of(HexFormat.of().toHexDigits(seed));
      case WEFT_USER -> known.user();
      case WEFT_API_KEY -> known.apiKey();
      case RESPONSE_DURATION -> answered(headNanos);
      case RESPONSE_TX_DURATION -> answered(durationNanos - headNanos);
      case UPSTREAM_REMOTE_ADDRESS, UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT, UPSTREAM_REMOTE_PORT ->
          AccessLine.value(operator, endpoint);
      default -> AccessLine.value(operator, caller);
    };
  }

  /** A part of the time, where a service answered. */
  private Optional<String> answered(long nanos) {
    return headNanos > 0 ? Optional.of(AccessLine.millis(nanos)) : Optional.empty();
  }

  private Optional<String> cause() {
    return ending.failure().map(failure -> failure.reason().word());
  }

  private String details() {
    return cause().orElse(attempts > 0 ? "via_upstream" : "direct_response");
  }

  private String protocol() {
    return switch (version) {
      case HTTP_1_0 -> "HTTP/1.0";
      case HTTP_1_1 -> "HTTP/1.1";
      case HTTP_2 -> "HTTP/2";
    };
  }

  @Override
  public OptionalDouble number(Attribute attribute) {
    return switch (attribute) {
      case DESTINATION_PORT -> OptionalDouble.of(caller.localPort());
      case RESPONSE_CODE -> OptionalDouble.of(ending.status());
      case RESPONSE_GRPC_STATUS ->
          ending.grpcStatus().isPresent()
              ? OptionalDouble.of(ending.grpcStatus().getAsInt())
              : OptionalDouble.empty();
      case RESPONSE_SIZE -> OptionalDouble.of((double) ending.responseBytes());
      case REQUEST_SIZE -> OptionalDouble.of((double) ending.requestBytes());
      case REQUEST_DURATION, RESPONSE_DURATION -> OptionalDouble.of(durationNanos / 1e6);
      default -> OptionalDouble.empty();
    };
  }

  @Override
  public Optional<String> text(Attribute attribute) {
    return switch (attribute) {
      case RESPONSE_CODE_DETAILS -> Optional.of(details());
      case REQUEST_PATH -> Optional.of(head.target());
      case REQUEST_URL_PATH -> path();
      case REQUEST_HOST -> Optional.of(head.authority());
      case REQUEST_SCHEME -> Optional.of(head.scheme());
      case REQUEST_METHOD -> Optional.of(head.method());
      case REQUEST_PROTOCOL -> Optional.of(protocol());
      case REQUEST_ID -> requestId;
      case REQUEST_USERAGENT -> userAgent;
      case SOURCE_ADDRESS -> Optional.of(caller.address());
      case CONNECTION_PEER -> principal();
      case ROUTE_NAME -> Optional.of(route());
      case CLUSTER_NAME -> way();
      case WEFT_CAUSE -> cause();
      default -> Optional.empty();
    };
  }

  @Override
  public Optional<Boolean> truth(Attribute attribute) {
    return switch (attribute) {
      case CONNECTION_MTLS -> Optional.of(principal().isPresent());
      case TRACE_SAMPLED -> Optional.of(trace.filter(TraceContext::sampled).isPresent());
      default -> Optional.empty();
    };
  }

  @Override
  public Optional<String> header(Attribute attribute, String name) {
    return attribute == Attribute.REQUEST_HEADERS ? request(name) : response(name);
  }

  @Override
  public double drawn() {
    return AccessLine.drawn(seed);
  }
}
