package dev.weft.routing.telemetry.trace;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Fault;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.trace.Arrived;
import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.exchange.trace.TraceHeaders;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/**
 * One request that ended, as this hop saw it: what its spans tell. Immutable, and small: texts that
 * a caller chose are cut, and nothing of the request itself is held.
 *
 * @param context empty where it belongs to no trace; without a span where it only passes through
 * @param link what it was probably asked for
 * @param times when it was under way
 * @param asked for what
 * @param way that it took
 * @param ending how it ended; its headers are not told
 * @param attempts in their order
 * @param tags that configuration adds
 */
public record HopTrace(
    Optional<TraceContext> context,
    Optional<InferredLink> link,
    Times times,
    Asked asked,
    Way way,
    Ending ending,
    List<AttemptFacts> attempts,
    List<Tags.Tag> tags) {

  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final int LONGEST = 256;
  private static final int MOST_PATH = 1024;

  /**
   * When it was under way.
   *
   * @param startedEpochNanos since 1970
   * @param startedNanos of the ticker by which attempts are told
   * @param durationNanos to its response's last byte
   */
  public record Times(long startedEpochNanos, long startedNanos, long durationNanos) {
    /** A moment of the ticker, since 1970; the end for what never came. */
    public long epoch(long nanos) {
      return nanos == 0 ? ended() : startedEpochNanos + (nanos - startedNanos);
    }

    /** When it ended, since 1970. */
    public long ended() {
      return startedEpochNanos + durationNanos;
    }
  }

  /** What was asked for, and by whom. */
  public record Asked(
      String method,
      String scheme,
      String authority,
      String path,
      String protocol,
      String caller,
      Optional<String> principal,
      String requestId) {}

  /**
   * The way that it took.
   *
   * @param route the rule, {@code -} for none
   * @param cluster empty where the proxy answered
   * @param config version that served it
   * @param fault that was injected, e.g. {@code delay 100 ms, abort 503}; empty for none
   */
  public record Way(String route, Optional<ClusterName> cluster, String config, String fault) {}

  public HopTrace {
    attempts = List.copyOf(attempts);
    tags = List.copyOf(tags);
  }

  /**
   * Of an exchange that just ended, on its loop.
   *
   * @param config version that served it
   * @param tags of configuration
   */
  static HopTrace of(Exchange exchange, Ending ending, String config, Tags tags) {
    long nanos = Math.max(0, exchange.loop().ticker().nanos() - exchange.startedNanos());
    long ended = exchange.loop().ticker().epochNanos();
    Decision decision = exchange.decision();
    return new HopTrace(
        exchange.trace().or(() -> passing(exchange.request().head())),
        exchange.link(),
        new Times(ended - nanos, exchange.startedNanos(), nanos),
        asked(exchange),
        new Way(
            decision.route().name(),
            decision.action() instanceof Decision.Forward forward
                ? Optional.of(forward.cluster())
                : Optional.empty(),
            config,
            decision.fault().map(HopTrace::told).orElse("")),
        ending,
        exchange.tried(),
        tags.of(exchange.request().head()));
  }

  /** Where nobody asked for traces here: the one that passes through, in which it has no span. */
  private static Optional<TraceContext> passing(RequestHead head) {
    Arrived arrived = TraceHeaders.read(head.headers());
    return arrived.known()
        ? Optional.of(
            new TraceContext(
                arrived.high(), arrived.low(), arrived.parent(), 0, arrived.flags(), 0))
        : Optional.empty();
  }

  private static Asked asked(Exchange exchange) {
    RequestHead head = exchange.request().head();
    String id = exchange.request().headers().get(REQUEST_ID);
    return new Asked(
        head.method(),
        head.scheme(),
        cut(head.authority()),
        head.path().length() > MOST_PATH ? head.path().substring(0, MOST_PATH) : head.path(),
        exchange.request().version().alpnName(),
        exchange.caller().address(),
        exchange.caller().principal(),
        cut(id == null ? "-" : id));
  }

  private static String told(Fault fault) {
    StringBuilder text = new StringBuilder();
    if (!fault.delay().isZero()) {
      text.append("delay ").append(fault.delay().toMillis()).append(" ms");
    }
    fault.httpStatus().ifPresent(status -> abort(text, "", status));
    fault.grpcStatus().ifPresent(status -> abort(text, "grpc-status ", status));
    return text.toString();
  }

  private static void abort(StringBuilder text, String kind, int status) {
    text.append(text.length() == 0 ? "" : ", ").append("abort ").append(kind).append(status);
  }

  static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
  }

  /** Why the proxy answered itself, or why its answer was cut; empty for neither. */
  public Optional<ProxyFailure> failure() {
    return ending.failure();
  }

  /** Whether it is one that people look for: answered by 500 or more, or cut, or by a fault. */
  public boolean failed() {
    return Failing.failed(ending);
  }
}
