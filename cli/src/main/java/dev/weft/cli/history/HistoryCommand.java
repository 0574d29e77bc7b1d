package dev.weft.cli.history;

import dev.weft.cli.admin.OneAdmin;
import dev.weft.cli.admin.Table;
import dev.weft.cli.admin.Telling;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weft config history}: the versions that served. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the versions that served since a process began, the newest first.",
      "Of each version of the configuration it tells when it came, from where, what",
      "it changed, and which part of the requests went well while it served and while",
      "the version before did (no 5xx; of a control plane, those of all its proxies).",
      "",
      "  ./weft config history --admin 15000",
      ""
    })
public final class HistoryCommand implements Callable<Integer> {

  private static final int MOST_CHANGES = 5; // of a version, in a table
  private static final double PERCENT = 100;

  @Mixin private final OneAdmin admin = new OneAdmin();

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    JsonObject history = admin.port("proxy or control plane").json("/config/history", "versions");
    telling.tell(history, () -> text(history, Instant.now()));
    return 0;
  }

  static String text(JsonObject history, Instant now) {
    Table table = new Table("VERSION", "AGE", "FROM", "WENT WELL", "BEFORE", "CHANGED");
    for (JsonObject one : objects(history.getJsonArray("versions"))) {
      List<String> changes = changes(one);
      table.row(
          one.getLong("version"),
          age(Duration.between(Instant.parse(one.getString("applied")), now)),
          one.getString("cause"),
          well(one.getJsonObject("served")),
          well(one.getJsonObject("before", new JsonObject())),
          changes.isEmpty() ? "" : changes.get(0));
      changes.stream().skip(1).forEach(more -> table.row(" ", " ", " ", " ", " ", more));
    }
    return table.empty() ? "nothing serves yet" : String.join("\n", table.lines());
  }

  private static List<String> changes(JsonObject version) {
    List<JsonObject> all = objects(version.getJsonArray("changes"));
    List<String> told = new ArrayList<>();
    all.stream().limit(MOST_CHANGES).forEach(change -> told.add(change.getString("summary")));
    if (all.size() > MOST_CHANGES) {
      told.add("and " + (all.size() - MOST_CHANGES) + " more resources");
    }
    return told;
  }

  private static String well(JsonObject traffic) {
    long requests = traffic.getLong("requests", 0L);
    if (requests == 0) {
      return "";
    }
    double part = PERCENT * (requests - traffic.getLong("failed", 0L)) / requests;
    return String.format(Locale.ROOT, "%.2f %% of %,d", part, requests);
  }

  private static String age(Duration age) {
    if (age.toMinutes() < 1) {
      return age.toSeconds() + "s";
    }
    return age.toHours() < 1
        ? age.toMinutes() + "m"
        : age.toHours() + "h" + age.toMinutesPart() + "m";
  }

  static List<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast).toList();
  }
}
