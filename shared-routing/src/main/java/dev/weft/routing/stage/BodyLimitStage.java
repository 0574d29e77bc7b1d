package dev.weft.routing.stage;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import io.vertx.core.Future;

/**
 * Refuses a request whose body is announced to be too long before anybody else sees it, and ends
 * one that turns out to be.
 *
 * <p>Source: {@code ProxySettings.limits.bodyBytes}; 413, RFC 9110 section 15.5.14.
 */
public final class BodyLimitStage implements Stage {

  private final long most;

  /**
   * @param most bytes, from 1
   */
  public BodyLimitStage(long most) {
    this.most = most;
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    if (exchange.request().body().length().orElse(0) > most) {
      String told = exchange.request().body().length().orElse(0) + " bytes of body";
      return Future.failedFuture(tooLarge(told));
    }
    exchange
        .request()
        .body()
        .limit(most, () -> exchange.cancel(tooLarge("a body that did not end")));
    return next.serve(exchange);
  }

  private ProxyFailure tooLarge(String what) {
    return new ProxyFailure(Cause.BODY_TOO_LARGE, what + " (expected: at most " + most + ")");
  }
}
