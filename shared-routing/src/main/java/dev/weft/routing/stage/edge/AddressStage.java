package dev.weft.routing.stage.edge;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Refuses callers by their addresses: those of whom trusted proxies speak, or that a PROXY header
 * tells, where there are such.
 *
 * <p>Source: {@code ProxySettings}, {@code allowFrom} and {@code denyFrom}.
 */
public final class AddressStage implements Stage {

  private final Addresses addresses;

  public AddressStage(Addresses addresses) {
    this.addresses = addresses;
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    Optional<String> why = addresses.refuse(exchange.caller().address());
    return why.isEmpty()
        ? next.serve(exchange)
        : Future.failedFuture(
            new ProxyFailure(
                Cause.ADDRESS_DENIED,
                "route " + exchange.decision().route().name() + ": " + why.get()));
  }
}
