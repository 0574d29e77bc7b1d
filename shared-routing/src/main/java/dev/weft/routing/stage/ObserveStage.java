package dev.weft.routing.stage;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.telemetry.ExchangeObserver;
import io.vertx.core.Future;
import java.util.Optional;

/** Tells the observer of each exchange's end, whatever end it takes. */
public final class ObserveStage implements Stage {

  private final ExchangeObserver observer;

  public ObserveStage(ExchangeObserver observer) {
    this.observer = observer;
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    return next.serve(exchange)
        .onComplete(
            answer -> {
              if (answer.failed()) {
                ProxyFailure failure = failure(answer.cause());
                observer.ended(exchange, failure.reason().status(), Optional.of(failure));
              } else {
                Response response = answer.result();
                response
                    .ended()
                    .onComplete(
                        end ->
                            observer.ended(
                                exchange,
                                response.status(),
                                end.failed()
                                    ? Optional.of(failure(end.cause()))
                                    : Optional.empty()));
              }
            });
  }

  private static ProxyFailure failure(Throwable cause) {
    return cause instanceof ProxyFailure known
        ? known
        : new ProxyFailure(Cause.INTERNAL, String.valueOf(cause));
  }
}
