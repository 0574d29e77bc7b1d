package dev.weft.routing.snapshot;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * The way to the own application: every request goes to one cluster, unchanged.
 *
 * @param chain carries it out
 */
public record Fixed(ClusterName cluster, RouteId route, Service chain) implements Service {

  @Override
  public Future<Response> serve(Exchange exchange) {
    RequestHead head = exchange.request().head();
    exchange.decided(
        new Decision(
            route,
            new Forward(cluster, 0),
            head.target(),
            head.authority(),
            Optional.empty(),
            List.of()));
    return chain.serve(exchange);
  }
}
