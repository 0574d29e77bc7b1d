package dev.weft.cli.live;

import dev.weft.cli.admin.Admins;
import dev.weft.cli.admin.Proxies;
import dev.weft.cli.admin.Table;
import dev.weft.cli.admin.Telling;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weft status}: what every proxy of a control plane runs. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Tells of every proxy that listens to a control plane which version it runs, whether that is",
      "the newest for it, since when, how long its certificate lasts, what it refused and why; and",
      "which left within the hour and did not come again. --admin is the control plane's (kubectl",
      "port-forward opens it); again for each further replica, since a proxy listens to one of"
          + " them.",
      "Exit 1 where a proxy does not run the newest version, or has a certificate that ended, or",
      "where a replica that was named does not answer: the others are told.",
      "",
      "  ./weft status --admin 15000",
      ""
    })
public final class StatusCommand implements Callable<Integer> {

  private static final String LEFT = "leftSeconds";
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  @Mixin private final Admins admins = new Admins();

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Proxies.Answers<JsonObject> answers =
        admins
            .named("control plane")
            .ask(port -> port.json("/proxies").put("admin", port.at().toString()));
    telling.silent(answers);
    List<JsonObject> replicas = List.copyOf(answers.told().values());
    telling.tell(new JsonObject().put("replicas", new JsonArray(replicas)), () -> text(replicas));
    return replicas.stream()
            .flatMap(one -> proxies(one, "proxies").stream())
            .allMatch(proxy -> current(proxy) && left(proxy) > 0)
        ? answers.code()
        : 1;
  }

  static String text(List<JsonObject> replicas) {
    Table table =
        new Table(
            "PROXY",
            "KIND",
            "WEFT",
            "VERSION",
            "NEWEST",
            "SINCE",
            "CONNECTED",
            "CERTIFICATE",
            "STATE");
    for (JsonObject replica : replicas) {
      proxies(replica, "proxies").forEach(proxy -> row(table, proxy));
    }
    for (JsonObject replica : replicas) {
      proxies(replica, "away").forEach(proxy -> row(table, proxy));
    }
    return table.empty() ? "no proxy listens" : String.join("\n", table.lines());
  }

  private static void row(Table table, JsonObject proxy) {
    boolean away = proxy.containsKey(LEFT);
    table.row(
        Proxies.name(proxy),
        proxy.getString("kind", ""),
        proxy.getString("weft", "").replace("weft ", ""),
        proxy.getLong("acknowledged"),
        away ? "-" : current(proxy) ? "yes" : "no: " + proxy.getLong("sent"),
        away ? "-" : span(proxy.getLong("sentSeconds")),
        away ? "-" : span(proxy.getLong("connectedSeconds")),
        left(proxy) > 0 ? span(left(proxy)) + " left" : "ended",
        away ? "left " + span(proxy.getLong(LEFT)) + " ago" : state(proxy));
  }

  private static long left(JsonObject proxy) {
    return proxy.getJsonObject("certificate").getLong("secondsLeft");
  }

  /** Two units of it, e.g. {@code 1d 4h}. */
  static String span(long seconds) {
    if (seconds < MINUTE) {
      return seconds + "s";
    }
    if (seconds < HOUR) {
      return seconds / MINUTE + "m " + seconds % MINUTE + "s";
    }
    return seconds < DAY
        ? seconds / HOUR + "h " + seconds % HOUR / MINUTE + "m"
        : seconds / DAY + "d " + seconds % DAY / HOUR + "h";
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

  private static List<JsonObject> proxies(JsonObject replica, String which) {
    return replica.getJsonArray(which, new JsonArray()).stream()
        .map(JsonObject.class::cast)
        .toList();
  }
}
