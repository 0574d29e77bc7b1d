package dev.weft.routing.stage;

import dev.weft.config.model.settings.RateLimit;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.resilience.rate.RateLimiter;
import dev.weft.routing.resilience.rate.RateLimiter.Verdict;
import dev.weft.routing.resilience.rate.SharedLimiter;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import java.util.Map;
import java.util.Optional;

/**
 * Lets as many requests pass as a limit allows and refuses the others at once, with 429 and the
 * time to wait.
 *
 * <p>Source: {@code ProxySettings.routes[].rateLimit}; RFC 6585 section 4, RFC 9110 section 10.2.3,
 * draft-ietf-httpapi-ratelimit-headers for {@code RateLimit} and {@code RateLimit-Policy}.
 */
public final class RateLimitStage implements Stage {

  private static final CharSequence LIMIT = HttpHeaders.createOptimized("ratelimit");
  private static final CharSequence POLICY = HttpHeaders.createOptimized("ratelimit-policy");
  private static final long SECOND = 1_000_000_000L;

  private final RateLimiter limiter;
  private final Optional<SharedLimiter> shared;
  private final RateLimit.Key key;

  /**
   * @param shared where the limit is for all proxies together
   */
  public RateLimitStage(RateLimiter limiter, Optional<SharedLimiter> shared, RateLimit.Key key) {
    this.limiter = limiter;
    this.shared = shared;
    this.key = key;
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    if (shared.isPresent()) {
      return unlessCancelled(exchange, shared.get().ask(key(exchange), exchange.loop()))
          .compose(verdict -> ruled(verdict, exchange, next));
    }
    return ruled(limiter.ask(key(exchange), exchange.loop().ticker().nanos()), exchange, next);
  }

  /** Fails, at once, where the exchange is cancelled before it is known. */
  private static Future<Verdict> unlessCancelled(Exchange exchange, Future<Verdict> verdict) {
    if (verdict.isComplete()) {
      return verdict;
    }
    Promise<Verdict> promise = Promise.promise();
    Runnable unregister = exchange.onCancel(promise::tryFail);
    verdict.onSuccess(promise::tryComplete);
    return promise.future().onComplete(done -> unregister.run());
  }

  private Future<Response> ruled(Verdict verdict, Exchange exchange, Service next) {
    if (!verdict.passes()) {
      return Future.failedFuture(
          new ProxyFailure(
              Cause.RATE_LIMITED,
              "route " + exchange.decision().route().name() + ": its rate limit is used up",
              Map.of(
                  "ratelimit-policy", limiter.policy(),
                  "ratelimit", told(verdict),
                  "retry-after", Long.toString(seconds(verdict.waitNanos())),
                  "x-envoy-ratelimited", "true")));
    }
    return next.serve(exchange).map(response -> told(verdict, response));
  }

  private Response told(Verdict verdict, Response response) {
    MultiMap headers = response.headers();
    if (!headers.contains(LIMIT)) { // a limit further in is the nearer one
      headers.set(POLICY, limiter.policy());
      headers.set(LIMIT, told(verdict));
    }
    return response;
  }

  private static String told(Verdict verdict) {
    return "\"default\";r=" + verdict.remaining() + ";t=" + seconds(verdict.fullNanos());
  }

  /** Whole seconds, rounded up, so that who waits so long passes. */
  private static long seconds(long nanos) {
    return Math.max(1, (nanos + SECOND - 1) / SECOND);
  }

  private String key(Exchange exchange) {
    if (key instanceof RateLimit.Key.Header header) {
      String value = exchange.request().head().headers().get(header.name());
      return value == null ? "" : value;
    }
    if (key instanceof RateLimit.Key.Identity) {
      return exchange.caller().principal().orElse("");
    }
    return key instanceof RateLimit.Key.Address ? exchange.caller().address() : "";
  }
}
