package dev.weft.routing.snapshot;

import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.snapshot.explain.Explaining;
import dev.weft.routing.snapshot.guard.Guard;
import io.vertx.core.Future;
import java.util.List;

/**
 * The rules of one place and the chains that carry their decisions out. Immutable.
 *
 * @param table decides
 * @param chains by {@code RouteId.index}
 * @param refusal carries out what no rule matched
 * @param guard who may come in here
 */
public record Routing(RouteTable table, List<Service> chains, Service refusal, Guard guard)
    implements Service {

  /** One that everybody may come in to. */
  public Routing(RouteTable table, List<Service> chains, Service refusal) {
    this(table, chains, refusal, Guard.OPEN);
  }

  public Routing {
    chains = List.copyOf(chains);
  }

  /** One without rules. */
  static Routing nothing(Service refusal) {
    return new Routing(RouteTable.EMPTY, List.of(), refusal);
  }

  /** The same, where not everybody may come in. */
  Routing guarded(Guard other) {
    return new Routing(table, chains, refusal, other);
  }

  @Override
  public Future<Response> serve(Exchange exchange) {
    return guard.open()
        ? admitted(exchange)
        : guard.admit(exchange, exchange.caller().localPort(), this::admitted);
  }

  private Future<Response> admitted(Exchange exchange) {
    Decision decision =
        table.decide(
            exchange.request().head(), exchange.caller(), exchange.seed(), DecisionSink.NONE);
    exchange.decided(decision);
    Explaining.how(table, exchange.request().head().authority(), exchange);
    int index = decision.route().index();
    return (index < 0 ? refusal : chains.get(index)).serve(exchange);
  }
}
