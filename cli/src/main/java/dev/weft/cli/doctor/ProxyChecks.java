package dev.weft.cli.doctor;

import dev.weft.routing.discovery.standing.PlainLine;
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

  /** Of a control plane without proxies. */
  static final List<Finding> NOBODY =
      List.of(
          Finding.warn(
              "no proxy listens to this control plane", "another replica may have them all"));

  private static final int LONGEST = 1_000; // of what a proxy says
  private static final int LONGEST_NAME = 600;
  private static final int MOST_TROUBLES = 20; // of one proxy
  private static final long PATIENCE_SECONDS = 30; // with an acknowledgement

  private ProxyChecks() {}

  /** By groups, which are the proxies of one account. */
  static List<Finding> of(JsonObject proxies) {
    Map<String, List<JsonObject>> groups = new TreeMap<>();
    JsonArray all = proxies.getJsonArray("proxies", new JsonArray());
    for (int i = 0; i < all.size(); i++) {
      JsonObject one = all.getJsonObject(i);
      String account = one.getString("namespace", "") + "/" + one.getString("account", "");
      String group = PlainLine.of(account, LONGEST_NAME);
      groups.computeIfAbsent(group, first -> new ArrayList<>()).add(one);
    }
    List<Finding> findings = new ArrayList<>();
    groups.forEach((name, its) -> findings.addAll(group(name, its)));
    return findings.isEmpty() ? NOBODY : findings;
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
      wrong.addAll(troubles(name, one));
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
            + PlainLine.of(refusal.getString("why", ""), LONGEST),
        serves == 0
            ? "it serves what it had before it connected"
            : "it serves version " + serves + " until one comes that it can serve");
  }

  /** What does not work, whatever version it runs. */
  private static List<Finding> troubles(String name, JsonObject one) {
    JsonArray all = one.getJsonArray("problems", new JsonArray());
    List<Finding> told = new ArrayList<>();
    for (int i = 0; i < Math.min(all.size(), MOST_TROUBLES); i++) {
      JsonObject trouble = all.getJsonObject(i);
      String namespace = trouble.getString("namespace", "");
      String what =
          trouble.getString("kind", "")
              + " "
              + (namespace.isEmpty() ? "" : namespace + "/")
              + trouble.getString("name", "")
              + " "
              + trouble.getString("words", "");
      told.add(
          Finding.fail(
              place(name, one) + ": " + PlainLine.of(what, LONGEST),
              "all else that it has serves; this is tried again until it works"));
    }
    return told;
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
    String kind = PlainLine.of(one.getString("kind", ""), LONGEST_NAME);
    String pod = PlainLine.of(one.getString("pod", ""), LONGEST_NAME);
    String what = (kind + (pod.isEmpty() ? "" : " pod " + pod)).strip();
    String address = PlainLine.of(one.getString("address", "?"), LONGEST_NAME);
    return name + " at " + address + (what.isEmpty() ? "" : " (" + what + ")");
  }
}
