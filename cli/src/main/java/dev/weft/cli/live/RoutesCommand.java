package dev.weft.cli.live;

import dev.weft.cli.admin.Admins;
import dev.weft.cli.admin.Proxies;
import dev.weft.cli.admin.Table;
import dev.weft.cli.admin.Telling;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weft routes}: the rules that a proxy serves with. */
@Command(
    name = "routes",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the rules that a running proxy serves with, in the order in which they",
      "are tried, with what they match, where they lead and where they stand in the",
      "configuration.",
      "Exit 1 where there is none, or a port that was named does not answer: the",
      "others are told.",
      "",
      "  ./weft routes",
      "  ./weft routes search-api.prod.svc.cluster.local --output json",
      ""
    })
public final class RoutesCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..1",
      paramLabel = "HOST",
      description = "Only rules of hosts that have this in their name.")
  private String host = "";

  @Mixin private final Admins admins = new Admins();

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<JsonObject> routes = new ArrayList<>();
    Proxies.Answers<JsonObject> answers =
        admins.named("proxy").ask(port -> port.json("/routes", "routes"));
    telling.silent(answers);
    for (JsonObject told : answers.told().values()) {
      objects(told.getJsonArray("routes")).stream()
          .filter(this::wanted)
          .filter(route -> !routes.contains(route))
          .forEach(routes::add);
    }
    telling.tell(new JsonObject().put("routes", new JsonArray(routes)), () -> text(routes));
    return routes.isEmpty() ? 1 : answers.code();
  }

  private boolean wanted(JsonObject route) {
    return route.getJsonArray("hosts").stream().anyMatch(one -> String.valueOf(one).contains(host));
  }

  static String text(List<JsonObject> routes) {
    Table table = new Table("HOSTS", "RULE", "MATCHES", "LEADS TO", "STANDS AT");
    for (JsonObject route : routes) {
      table.row(
          route.getJsonArray("hosts").stream()
              .map(String::valueOf)
              .collect(Collectors.joining(",")),
          route.getString("name"),
          route.getString("match"),
          route.containsKey("action")
              ? route.getString("action")
              : shares(objects(route.getJsonArray("shares"))),
          route.getString("place"));
    }
    return table.empty() ? "no rule" : String.join("\n", table.lines());
  }

  private static String shares(List<JsonObject> shares) {
    return shares.stream()
        .map(
            share ->
                (shares.size() > 1 ? share.getInteger("weight") + " " : "")
                    + share.getString("cluster"))
        .collect(Collectors.joining(" + "));
  }

  private static List<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast).toList();
  }
}
