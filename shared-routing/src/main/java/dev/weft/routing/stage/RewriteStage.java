package dev.weft.routing.stage;

import dev.weft.config.model.HeaderEdits;
import dev.weft.config.model.HeaderEdits.Edits;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the outgoing head what was decided: path, authority, then the rule's header changes, then
 * the destination's; and the answer's headers, in the same order.
 *
 * <p>Source: Istio {@code HTTPRewrite} and {@code Headers}: set, then add, then remove; names that
 * begin with a colon and {@code host} are not touched.
 */
public final class RewriteStage implements Stage {

  private static final String ORIGINAL_PATH = "x-envoy-original-path";

  private final HeaderEdits route;
  private final List<HeaderEdits> destinations;

  /**
   * @param destinations by the index of a decision's {@code Forward}
   */
  public RewriteStage(HeaderEdits route, List<HeaderEdits> destinations) {
    this.route = route;
    this.destinations = List.copyOf(destinations);
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    Decision decision = exchange.decision();
    Request request = exchange.request();
    String before = request.target();
    request.rewrite(decision.target(), decision.authority());
    if (!before.equals(decision.target())) {
      request.headers().set(ORIGINAL_PATH, before);
    }
    HeaderEdits finer =
        decision.action() instanceof Forward forward
            ? destinations.get(forward.destination())
            : HeaderEdits.NONE;
    edit(request.headers(), route.request());
    edit(request.headers(), finer.request());
    Future<Response> answer = next.serve(exchange);
    if (route.response().empty() && finer.response().empty()) {
      return answer;
    }
    return answer.onSuccess(
        response -> {
          edit(response.headers(), route.response());
          edit(response.headers(), finer.response());
        });
  }

  private static void edit(MultiMap headers, Edits edits) {
    if (edits.empty()) {
      return;
    }
    for (Map.Entry<String, String> entry : edits.set().entrySet()) {
      if (touched(entry.getKey())) {
        headers.set(entry.getKey(), entry.getValue());
      }
    }
    for (Map.Entry<String, String> entry : edits.add().entrySet()) {
      if (touched(entry.getKey())) {
        headers.add(entry.getKey(), entry.getValue());
      }
    }
    for (String name : edits.remove()) {
      if (touched(name)) {
        headers.remove(name);
      }
    }
  }

  private static boolean touched(String name) {
    return !name.startsWith(":") && !name.equals("host");
  }
}
