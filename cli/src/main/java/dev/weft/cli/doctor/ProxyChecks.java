package dev.weft.cli.doctor;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the control plane's {@code /proxies} says of the proxies that listen to it. */
final class ProxyChecks {

  private static final long PATIENCE_SECONDS = 30; // with an acknowledgement

  private ProxyChecks() {}

  /** By groups, which are the proxies of one account. */
  static List<Finding> of(JsonObject proxies) {
    Map<String, List<JsonObject>> groups = new TreeMap<>();
    JsonArray all = proxies.getJsonArray("proxies", new JsonArray());
    for (int i = 0; i < all.size(); i++) {
      JsonObject one = all.getJsonObject(i);
      String group = one.getString("namespace", "") + "/" + one.getString("account", "");
      groups.computeIfAbsent(group, first -> new ArrayList<>()).add(one);
    }
    List<Finding> findings = new ArrayList<>();
    groups.forEach((name, its) -> findings.addAll(group(name, its)));
    return findings.isEmpty()
        ? List.of(
            Finding.warn(
                "no proxy listens to this control plane", "another replica may have them all"))
        : findings;
  }

  private static List<Finding> group(String name, List<JsonObject> proxies) {
    List<Finding> wrong = new ArrayList<>();
    Set<Long> versions = new TreeSet<>();
    int well = 0;
    for (JsonObject one : proxies) {
      if (one.containsKey("refused")) {
        wrong.add(refused(name, one));
      } else if (one.getBoolean("inSync", false)) {
        versions.add(one.getLong("acknowledged", 0L));
        well++;
      } else if (one.getLong("sentSeconds", 0L) > PATIENCE_SECONDS) {
        wrong.add(silent(name, one));
      } else {
        wrong.add(Finding.ok(place(name, one) + " takes version " + one.getLong("sent", 0L)));
      }
    }
    if (well > 0) {
      String each = well == 1 ? " proxy runs version " : " proxies run version ";
      String which = String.join(", ", versions.stream().map(String::valueOf).toList());
      wrong.add(0, Finding.ok(name + ": " + well + each + which));
    }
    return wrong;
  }

  private static Finding refused(String name, JsonObject one) {
    JsonObject refusal = one.getJsonObject("refused");
    long serves = one.getLong("acknowledged", 0L);
    return Finding.fail(
        place(name, one)
            + " refuses version "
            + refusal.getLong("version", 0L)
            + ": "
            + refusal.getString("why", ""),
        serves == 0
            ? "it serves what it had before it connected"
            : "it serves version " + serves + " until one comes that it can serve");
  }

  private static Finding silent(String name, JsonObject one) {
    long sent = one.getLong("sent", 0L);
    String since = " for " + one.getLong("sentSeconds", 0L) + " s";
    return sent == 0
        ? Finding.fail(
            place(name, one) + " was sent no configuration" + since,
            "the control plane waits for a source of its own; its log tells which")
        : Finding.fail(
            place(name, one)
                + " has not acknowledged version "
                + sent
                + since
                + "; it serves version "
                + one.getLong("acknowledged", 0L),
            "its log tells what it waits for");
  }

  private static String place(String name, JsonObject one) {
    return name + " at " + one.getString("address", "?");
  }
}
