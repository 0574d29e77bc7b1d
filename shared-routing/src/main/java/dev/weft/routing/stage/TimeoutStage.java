package dev.weft.routing.stage;

import dev.weft.routing.clock.Timers.Timer;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;

/**
 * Ends an exchange that takes too long, with all its attempts: before the answer's head with 504,
 * after it by cutting the body.
 *
 * <p>Source: Istio {@code HTTPRoute.timeout}.
 */
public final class TimeoutStage implements Stage {

  private static final CharSequence EXPECTED =
      HttpHeaders.createOptimized("x-envoy-expected-rq-timeout-ms");

  private final Duration timeout;
  private final String millis;

  /**
   * @param timeout from 1 ms
   */
  public TimeoutStage(Duration timeout) {
    this.timeout = timeout;
    this.millis = Long.toString(timeout.toMillis());
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    exchange.request().headers().set(EXPECTED, millis);
    Timer timer = exchange.loop().timers().after(timeout, () -> over(exchange));
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

  private void over(Exchange exchange) {
    exchange.cancel(
        new ProxyFailure(
            Cause.UPSTREAM_TIMEOUT,
            "route "
                + exchange.decision().route().name()
                + ": no whole answer within "
                + millis
                + " ms, last at endpoint "
                + exchange.endpoint()));
  }
}
