package dev.weft.cli.live;

import dev.weft.cli.admin.Admins;
import dev.weft.cli.admin.Proxies;
import dev.weft.cli.admin.Table;
import dev.weft.cli.admin.Telling;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weft status}: what every proxy of a control plane runs. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Tells of every proxy that listens to a control plane which version it runs,",
      "whether that is the newest for it, since when, how long its certificate lasts,",
      "what it refused and why; and which left within the hour and did not come",
      "again; below who they proved to be, of what kind, with which Weft. --admin is",
      "the control plane's (kubectl port-forward opens it); again for each further",
      "replica, since a proxy listens to one of them.",
      "Exit 1 where a proxy does not run the newest version, or has a certificate",
      "that ended, or where a replica that was named does not answer: the others are",
      "told.",
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

  /** Below each identity its proxies: what is long stands once, and a row in 80 columns. */
  static String text(List<JsonObject> replicas) {
    Map<String, List<JsonObject>> all = new LinkedHashMap<>();
    for (String which : List.of("proxies", "away")) {
      replicas.stream()
          .flatMap(replica -> proxies(replica, which).stream())
          .forEach(proxy -> all.computeIfAbsent(who(proxy), any -> new ArrayList<>()).add(proxy));
    }
    Table table = new Table("PROXY", "VERSION", "SINCE", "CONNECTED", "CERTIFICATE", "STATE");
    all.forEach(
        (who, proxies) -> {
          table.across(who);
          proxies.forEach(proxy -> row(table, proxy));
        });
    return table.empty() ? "no proxy listens" : String.join("\n", table.lines());
  }

  private static String who(JsonObject proxy) {
    return Stream.of("identity", "kind", "weft")
        .map(name -> proxy.getString(name, ""))
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(", "));
  }

  private static void row(Table table, JsonObject proxy) {
    boolean away = proxy.containsKey(LEFT);
    String which = Proxies.which(proxy);
    table.row(
        "  " + (which.isEmpty() ? "-" : which),
        proxy.getLong("acknowledged"),
        away ? "-" : span(proxy.getLong("sentSeconds")),
        away ? "-" : span(proxy.getLong("connectedSeconds")),
        left(proxy) > 0 ? span(left(proxy)) + " left" : "ended",
        away ? "left " + span(proxy.getLong(LEFT)) + " ago" : state(proxy));
  }

  private static long left(JsonObject proxy) {
    return proxy.getJsonObject("certificate").getLong("secondsLeft");
  }

  /** Two units of it, e.g. {@code 1d4h}. */
  private static String span(long seconds) {
    if (seconds < MINUTE) {
      return seconds + "s";
    }
    if (seconds < HOUR) {
      return seconds / MINUTE + "m" + seconds % MINUTE + "s";
    }
    return seconds < DAY
        ? seconds / HOUR + "h" + seconds % HOUR / MINUTE + "m"
        : seconds / DAY + "d" + seconds % DAY / HOUR + "h";
  }

  /** Where it does not run the newest version for it, which one that is. */
  private static String state(JsonObject proxy) {
    long newest = proxy.getLong("sent");
    JsonObject refused = proxy.getJsonObject("refused");
    if (refused == null) {
      return current(proxy) ? "in sync" : "not yet" + (newest > 0 ? " " + newest : "");
    }
    long version = refused.getLong("version");
    return (version == newest || current(proxy) ? "" : "not yet " + newest + ", ")
        + ("refused " + version + ": " + refused.getString("why"));
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
