package dev.weft.routing.stage;

import dev.weft.routing.clock.Timers.Timer;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.resilience.GrpcTimeout;
import dev.weft.routing.resilience.TimeLeft;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/**
 * Ends an exchange that takes too long, with all its attempts: before the answer's head with 504,
 * after it by cutting the body. A call of gRPC may take as long as its caller said, and no longer
 * than the rule says.
 *
 * <p>Source: Istio {@code HTTPRoute.timeout}; "gRPC over HTTP2", {@code grpc-timeout}.
 */
public final class TimeoutStage implements Stage {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(365);

  private final Optional<Duration> timeout;
  private final Optional<TimeLeft> whole;
  private final boolean tells; // the own timeout

  /**
   * @param timeout from 1 ms; empty where only the caller may have one
   * @param perTry of each attempt, which tells its upstream so where that is less
   */
  public TimeoutStage(Optional<Duration> timeout, Optional<Duration> perTry) {
    this.timeout = timeout;
    this.whole = timeout.map(TimeLeft::of);
    this.tells =
        timeout.isPresent() && perTry.filter(each -> each.compareTo(timeout.get()) < 0).isEmpty();
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    Optional<Duration> told = GrpcTimeout.of(exchange.request());
    if (told.isPresent()) {
      Duration shorter = shorter(told.get());
      boolean rules = timeout.isPresent() && shorter.equals(timeout.get());
      Cause cause = rules ? Cause.UPSTREAM_TIMEOUT : Cause.CALLER_DEADLINE;
      TimeLeft left = TimeLeft.of(shorter);
      left.tell(exchange.request());
      return limited(exchange, next, shorter, left, cause);
    }
    if (timeout.isEmpty()) {
      return next.serve(exchange);
    }
    TimeLeft left = whole.orElseThrow();
    if (tells) {
      left.tell(exchange.request());
    }
    return limited(exchange, next, timeout.get(), left, Cause.UPSTREAM_TIMEOUT);
  }

  private Duration shorter(Duration told) {
    Duration most = timeout.orElse(LONGEST);
    Duration shorter = told.compareTo(most) < 0 ? told : most;
    return shorter.compareTo(SHORTEST) < 0 ? SHORTEST : shorter;
  }

  private static Future<Response> limited(
      Exchange exchange, Service next, Duration time, TimeLeft left, Cause cause) {
    exchange.limit(left.nanos());
    Timer timer = exchange.loop().timers().after(time, () -> over(exchange, time, cause));
    return next.serve(exchange)
        .onComplete(
            answer -> {
              if (answer.failed()) {
                timer.cancel();
              } else {
                answer.result().ended().onComplete(end -> timer.cancel());
              }
            });
  }

  private static void over(Exchange exchange, Duration time, Cause cause) {
    exchange.cancel(
        new ProxyFailure(
            cause,
            "route "
                + exchange.decision().route().name()
                + ": no whole answer within "
                + time.toMillis()
                + " ms, last at endpoint "
                + exchange.endpoint()));
  }
}
