package dev.weft.routing.stage.edge;

import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.route.match.QueryText;
import io.vertx.core.Future;
import java.util.List;

/**
 * Keeps keys in a query out of the access log, also where a request is refused before anybody asks
 * for its key, or no rule is for it. It stands right below what observes, and acts when all else is
 * over.
 */
public final class HideKeysStage implements Stage {

  private final List<String> names;

  /**
   * @param names of parameters
   */
  HideKeysStage(List<String> names) {
    this.names = List.copyOf(names);
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    return next.serve(exchange).onComplete(any -> names.forEach(name -> take(exchange, name)));
  }

  /** Takes a parameter away from what goes on and from what is logged. */
  static void take(Exchange exchange, String name) {
    Request request = exchange.request();
    RequestHead head = request.head();
    if (QueryText.value(head.query(), name) == null) {
      return;
    }
    request.replace(head.with(QueryText.without(head.query(), name), head.headers()));
    Decision decision = exchange.decision();
    exchange.decided(decision.towards(without(decision.target(), name)));
  }

  private static String without(String target, String name) {
    int question = target.indexOf('?');
    if (question < 0) {
      return target;
    }
    String query = QueryText.without(target.substring(question + 1), name);
    return target.substring(0, question) + (query.isEmpty() ? "" : "?" + query);
  }
}
