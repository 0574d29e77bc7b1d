package dev.weft.routing.telemetry.trace;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.TraceContext;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * The attributes of spans, the same in whichever form they are told. Names are OpenTelemetry's
 * where it has some, Istio's where users search by them, ours otherwise: an interface, listed in
 * {@code docs/signals.md}.
 */
public final class SpanFacts {

  private static final String FLAGS = "response_flags";

  private SpanFacts() {}

  /** What a span is called: Istio's {@code HOST:PORT/*}, the method where the proxy answered. */
  public static String name(HopTrace trace) {
    return trace
        .way()
        .cluster()
        .map(to -> to.host() + ":" + to.port() + "/*")
        .orElse(trace.asked().method());
  }

  /**
   * Of the hop itself.
   *
   * @param most characters of the path
   * @param each takes a name and a {@link String} or a {@link Long}
   */
  public static void hop(HopTrace trace, int most, BiConsumer<String, Object> each) {
    HopTrace.Asked asked = trace.asked();
    String path = asked.path();
    each.accept("http.request.method", asked.method());
    each.accept("url.scheme", asked.scheme());
    each.accept("url.path", path.length() > most ? path.substring(0, most) : path);
    each.accept("server.address", asked.authority());
    each.accept("network.protocol.name", asked.protocol());
    each.accept("client.address", asked.caller());
    each.accept("http.response.status_code", (long) trace.ending().status());
    each.accept("http.request.body.size", trace.ending().requestBytes());
    each.accept("http.response.body.size", trace.ending().responseBytes());
    each.accept("guid:x-request-id", asked.requestId());
    asked.principal().ifPresent(who -> each.accept("weft.principal", who));
    way(trace, each);
    trace.failure().ifPresent(failure -> failure(failure, trace.ending().flags(), each));
    if (trace.failure().isEmpty() && trace.ending().delayed()) {
      each.accept(FLAGS, trace.ending().flags());
    }
    trace
        .ending()
        .grpcStatus()
        .ifPresent(status -> each.accept("rpc.grpc.status_code", (long) status));
    trace.link().ifPresent(link -> link(link, each));
    trace.tags().forEach(tag -> each.accept(tag.name(), tag.value()));
  }

  private static void way(HopTrace trace, BiConsumer<String, Object> each) {
    each.accept("weft.route", trace.way().route());
    trace.way().cluster().ifPresent(to -> each.accept("upstream_cluster", to.toString()));
    each.accept("weft.config", trace.way().config());
    each.accept("weft.attempts", (long) trace.attempts().size());
    if (!trace.way().fault().isEmpty()) {
      each.accept("weft.fault", trace.way().fault());
    }
  }

  private static void link(InferredLink link, BiConsumer<String, Object> each) {
    each.accept("weft.link", "inferred");
    each.accept("weft.link.by", link.by().word());
    each.accept("weft.link.trace", link.to().traceId());
    each.accept("weft.link.span", TraceContext.spanId(link.to().span()));
  }

  /** Of one attempt. */
  public static void attempt(
      HopTrace trace, AttemptFacts attempt, BiConsumer<String, Object> each) {
    each.accept("http.request.method", trace.asked().method());
    each.accept("network.peer.address", attempt.endpoint());
    trace.way().cluster().map(ClusterName::host).ifPresent(to -> each.accept("peer.service", to));
    trace.way().cluster().ifPresent(to -> each.accept("upstream_cluster", to.toString()));
    each.accept("weft.route", trace.way().route());
    each.accept("weft.config", trace.way().config());
    each.accept("weft.attempt", (long) attempt.number());
    each.accept("weft.retry", (long) (attempt.number() - 1));
    each.accept("weft.breaker", word(attempt.breaker()));
    if (attempt.status() > 0) {
      each.accept("http.response.status_code", (long) attempt.status());
    }
    attempt.failure().ifPresent(failure -> failure(failure, failure.reason().flag(), each));
  }

  private static void failure(ProxyFailure failure, String flags, BiConsumer<String, Object> each) {
    each.accept("error.type", word(failure.reason().name()));
    each.accept(FLAGS, flags);
    each.accept("weft.detail", HopTrace.cut(String.valueOf(failure.getMessage())));
  }

  /** Whether an attempt speaks against its endpoint. */
  public static boolean failed(AttemptFacts attempt) {
    return attempt.failure().isPresent() || attempt.status() >= 500;
  }

  private static String word(String constant) {
    return constant.toLowerCase(Locale.ROOT);
  }
}
