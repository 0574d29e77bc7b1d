package dev.weft.routing.process;

import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.Redirect;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.CompiledRoute;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotStore;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.Map;

/** Tells what would happen to a request: every rule tried, the one chosen, its shares. */
public final class Explainer {

  private static final int HTTP = 80;

  private Explainer() {}

  static Future<Explanation> explain(SnapshotStore store, Question question) {
    try {
      RequestHead head = head(question);
      RouteTable table =
          store
              .current()
              .map(Snapshot::mesh)
              .map(routing -> routing.table())
              .orElse(RouteTable.EMPTY);
      return Future.succeededFuture(explain(table, head));
    } catch (IllegalArgumentException e) {
      return Future.failedFuture(e);
    }
  }

  /**
   * The head of the request in question.
   *
   * @throws IllegalArgumentException where the URL is none
   */
  public static RequestHead head(Question question) {
    URI url = URI.create(question.url());
    if (url.getRawAuthority() == null || url.getScheme() == null) {
      throw new IllegalArgumentException(
          "'" + question.url() + "' (expected: a URL such as http://search.prod/find?q=1)");
    }
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (Map.Entry<String, String> header : question.headers()) {
      headers.add(header.getKey(), header.getValue());
    }
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : url.getRawQuery();
    return new RequestHead(
        question.method(), url.getScheme(), url.getRawAuthority(), path, query, headers);
  }

  /** The same decision that serving makes, told. */
  public static Explanation explain(RouteTable table, RequestHead head) {
    JsonArray tried = new JsonArray();
    StringBuilder text = new StringBuilder();
    Caller caller = Caller.anonymous("127.0.0.1", 0, HTTP, head.scheme().equals("https"));
    Decision decision =
        table.decide(
            head,
            caller,
            0,
            (rule, place, outcome) -> {
              boolean chosen = outcome.isEmpty();
              text.append(chosen ? "  YES  " : "  no   ").append(rule).append("  ");
              text.append(chosen ? "every condition holds" : outcome);
              text.append("  ").append(place).append('\n');
              tried.add(
                  new JsonObject()
                      .put("rule", rule)
                      .put("place", place.toString())
                      .put("chosen", chosen)
                      .put("why", outcome));
            });
    JsonObject json = new JsonObject().put("route", decision.route().name()).put("tried", tried);
    outcome(table, decision, json, text);
    return new Explanation(json, text.toString());
  }

  private static void outcome(
      RouteTable table, Decision decision, JsonObject json, StringBuilder text) {
    if (decision.action() instanceof Forward) {
      CompiledRoute route = table.routes().get(decision.route().index());
      JsonArray shares = new JsonArray();
      long sum = route.destinations().stream().mapToLong(to -> to.weight()).sum();
      for (int i = 0; i < route.destinations().size(); i++) {
        int weight = route.destinations().get(i).weight();
        double share = route.destinations().size() == 1 ? 100 : 100.0 * weight / sum;
        String cluster = route.clusters().get(i).toString();
        shares.add(new JsonObject().put("cluster", cluster).put("percent", share));
        text.append(String.format("    %5.1f %%  %s%n", share, cluster));
      }
      json.put("shares", shares).put("target", decision.target());
      json.put("authority", decision.authority());
    } else if (decision.action() instanceof Redirect redirect) {
      json.put("redirect", redirect.location()).put("status", redirect.status());
      text.append("    ").append(redirect.status()).append(" to ").append(redirect.location());
      text.append('\n');
    } else {
      json.put("answer", decision.action().toString());
      text.append("    ").append(decision.action()).append('\n');
    }
  }
}
