package dev.weft.routing.resilience;

import dev.weft.config.model.HttpRoute.Retries;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.Response;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which attempts may be repeated, how often, and when. Pure and immutable.
 *
 * <p>An attempt that never reached an endpoint may be repeated whatever the method. All else only
 * for methods that are idempotent (RFC 9110 section 9.2.2), or with an {@code Idempotency-Key}: a
 * connection that ended before an answer, by default; what {@code retryOn} names beside it.
 *
 * <p>Source: Istio {@code HTTPRetry}; Weft's defaults from {@code SEMANTICS}.
 */
public final class RetryPolicy {

  /** The default of the mesh. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(
          new Retries(2, Optional.empty(), List.of(), List.of(), Duration.ofMillis(25), true));

  /** One attempt and no other. */
  public static final RetryPolicy NEVER =
      new RetryPolicy(
          new Retries(0, Optional.empty(), List.of(), List.of(), Duration.ofMillis(25), true));

  private static final Set<Cause> NOT_SENT =
      EnumSet.of(
          Cause.CONNECT_REFUSED,
          Cause.CONNECT_TIMEOUT,
          Cause.UPSTREAM_TLS,
          Cause.NO_CERTIFICATE,
          Cause.UPSTREAM_IDENTITY,
          Cause.REFUSED_STREAM);
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");
  private static final int MOST_BACKOFFS = 10;
  private static final CharSequence GRPC_STATUS = HttpHeaders.createOptimized("grpc-status");
  private static final CharSequence RATE_LIMITED =
      HttpHeaders.createOptimized("x-envoy-ratelimited");

  private final Retries retries;
  private final Set<Cause> causes = EnumSet.noneOf(Cause.class);
  private final BitSet codes = new BitSet();
  private final Set<String> grpc = new HashSet<>();
  private final boolean all5xx;
  private final boolean rateLimited;

  public RetryPolicy(Retries retries) {
    this.retries = retries;
    retries.statusCodes().forEach(codes::set);
    causes.add(Cause.UPSTREAM_RESET);
    grpc.add("14");
    grpc.add("1");
    boolean fives = false;
    for (String word : retries.retryOn()) {
      switch (word) {
        case "5xx" -> {
          fives = true;
          causes.add(Cause.PER_TRY_TIMEOUT);
          causes.add(Cause.UPSTREAM_PROTOCOL);
        }
        case "gateway-error" -> {
          codes.set(502, 505);
          causes.add(Cause.PER_TRY_TIMEOUT);
        }
        case "reset" -> {
          causes.add(Cause.PER_TRY_TIMEOUT);
          causes.add(Cause.UPSTREAM_PROTOCOL);
        }
        case "retriable-4xx" -> codes.set(409);
        case "deadline-exceeded" -> grpc.add("4");
        case "internal" -> grpc.add("13");
        case "resource-exhausted" -> grpc.add("8");
        default -> {
          // the others hold by default, or are told by a header
        }
      }
    }
    this.all5xx = fives;
    this.rateLimited = retries.retryOn().contains("envoy-ratelimited");
  }

  /** Further attempts, from 0. */
  public int attempts() {
    return retries.attempts();
  }

  /** Of one attempt, until its answer's head; empty for none. */
  public Optional<Duration> perTryTimeout() {
    return retries.perTryTimeout();
  }

  /** Whether endpoints that were tried are avoided. */
  public boolean avoidsTried() {
    return retries.ignorePreviousHosts();
  }

  /** Whether a failure certainly left the endpoint untouched. */
  public boolean neverReached(Cause cause) {
    return NOT_SENT.contains(cause);
  }

  public boolean repeats(Request request, Cause cause) {
    return NOT_SENT.contains(cause) || (causes.contains(cause) && repeatable(request));
  }

  /**
   * What a rate limit refused (it says {@code x-envoy-ratelimited}) is repeated for {@code
   * envoy-ratelimited} alone, whatever its status.
   */
  public boolean repeats(Request request, Response response) {
    int status = response.status();
    boolean wanted =
        (all5xx && status >= 500) || codes.get(status) || unavailable(request, response);
    if (rateLimited || wanted) {
      boolean limited = response.header(RATE_LIMITED) != null;
      wanted = limited ? rateLimited : wanted;
    }
    return wanted && repeatable(request);
  }

  /** An answer of gRPC that has no body tells its status in the head. */
  private boolean unavailable(Request request, Response response) {
    String type = request.head().headers().get(HttpHeaderNames.CONTENT_TYPE);
    if (type == null || !type.startsWith("application/grpc")) {
      return false;
    }
    String status = response.header(GRPC_STATUS);
    return status != null && grpc.contains(status);
  }

  private static boolean repeatable(Request request) {
    return IDEMPOTENT.contains(request.head().method())
        || request.headers().contains("idempotency-key");
  }

  /**
   * How long to wait before a further attempt: an even draw from nothing to the base doubled with
   * each attempt, at most ten times the base ("full jitter").
   *
   * @param attempt from 1
   * @param draw 64 even bits
   */
  public Duration backoff(int attempt, long draw) {
    long base = retries.backoff().toNanos();
    long most = Math.min(base * MOST_BACKOFFS, base << Math.min(attempt - 1, MOST_BACKOFFS));
    return Duration.ofNanos(Long.remainderUnsigned(draw, Math.max(1, most)));
  }
}
