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

  /**
   * @param timeout from 1 ms; empty where only the caller may have one
   */
  public TimeoutStage(Optional<Duration> timeout) {
    this.timeout = timeout;
    this.whole = timeout.map(TimeLeft::of);
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    Optional<Duration> told = GrpcTimeout.of(exchange.request());
    if (told.isPresent()) {
      Duration shorter = shorter(told.get());
      return limited(exchange, next, shorter, TimeLeft.of(shorter));
    }
    return timeout.isEmpty()
        ? next.serve(exchange)
        : limited(exchange, next, timeout.get(), whole.orElseThrow());
  }

  private Duration shorter(Duration told) {
    Duration most = timeout.orElse(LONGEST);
    Duration shorter = told.compareTo(most) < 0 ? told : most;
    return shorter.compareTo(SHORTEST) < 0 ? SHORTEST : shorter;
  }

  private static Future<Response> limited(
      Exchange exchange, Service next, Duration time, TimeLeft left) {
    exchange.limit(left.nanos());
    left.tell(exchange.request());
    Timer timer = exchange.loop().timers().after(time, () -> over(exchange, time));
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

  private static void over(Exchange exchange, Duration time) {
    exchange.cancel(
        new ProxyFailure(
            Cause.UPSTREAM_TIMEOUT,
            "route "
                + exchange.decision().route().name()
                + ": no whole answer within "
                + time.toMillis()
                + " ms, last at endpoint "
                + exchange.endpoint()));
  }
}
