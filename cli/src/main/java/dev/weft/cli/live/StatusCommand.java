package dev.weft.cli.live;

import dev.weft.cli.admin.AdminPort;
import dev.weft.cli.admin.Admins;
import dev.weft.cli.admin.Table;
import dev.weft.cli.admin.Telling;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weft status}: what every proxy of a control plane runs. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Tells of every proxy that listens to a control plane which version it runs, for how long,",
      "and what it refused and why. --admin is the control plane's (kubectl port-forward opens",
      "it); again for each further replica, since a proxy listens to one of them.",
      "Exit 1 where a proxy does not run the newest version.",
      "",
      "  ./weft status --admin 15000",
      ""
    })
public final class StatusCommand implements Callable<Integer> {

  @Mixin private final Admins admins = new Admins();

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<JsonObject> replicas = new ArrayList<>();
    for (AdminPort admin : admins.ports("control plane")) {
      replicas.add(admin.json("/proxies").put("admin", admin.at().toString()));
    }
    telling.tell(new JsonObject().put("replicas", new JsonArray(replicas)), () -> text(replicas));
    return replicas.stream().flatMap(one -> proxies(one).stream()).allMatch(StatusCommand::current)
        ? 0
        : 1;
  }

  static String text(List<JsonObject> replicas) {
    Table table = new Table("PROXY", "VERSION", "OF", "SINCE", "CONNECTED", "STATE");
    for (JsonObject replica : replicas) {
      for (JsonObject proxy : proxies(replica)) {
        table.row(
            proxy.getString("identity")
                + (proxy.containsKey("pod") ? " (" + proxy.getString("pod") + ")" : ""),
            proxy.getLong("acknowledged"),
            replica.getLong("version"),
            proxy.getLong("sentSeconds") + "s",
            proxy.getLong("connectedSeconds") + "s",
            state(proxy));
      }
    }
    return table.empty() ? "no proxy listens" : String.join("\n", table.lines());
  }

  private static String state(JsonObject proxy) {
    JsonObject refused = proxy.getJsonObject("refused");
    if (refused != null) {
      return "refused " + refused.getLong("version") + ": " + refused.getString("why");
    }
    return current(proxy) ? "in sync" : "not yet";
  }

  private static boolean current(JsonObject proxy) {
    return proxy.getBoolean("inSync");
  }

  private static List<JsonObject> proxies(JsonObject replica) {
    return replica.getJsonArray("proxies").stream().map(JsonObject.class::cast).toList();
  }
}
