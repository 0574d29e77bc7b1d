package dev.weft.routing.admin.dashboard;

import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.EdgeLabels.Canonical;
import dev.weft.routing.telemetry.EdgeLabels.DestinationService;
import dev.weft.routing.telemetry.EdgeLabels.Reporter;
import dev.weft.routing.telemetry.EdgeLabels.Security;
import dev.weft.routing.telemetry.EdgeLabels.Workload;
import dev.weft.routing.telemetry.Histogram;
import dev.weft.routing.telemetry.tcp.Carried;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * All that a proxy counted since it began, as it tells it to who adds up what several tell. What
 * was read is bounded: {@value #MOST_EDGES} edges, names of {@value #LONGEST} characters, counts
 * from 0. Durations are counts by bucket, so that they add up.
 *
 * @param run names the process: another one began anew
 * @param upMillis since it began
 * @param edges likewise by edge
 * @param rules likewise by rule
 * @param values {@code upstreams} as {@link Shown#values} has them; of the {@code state} what is
 *     {@code missing}, {@code errors} of the configuration, {@code faults} of certificates and
 *     these {@code certificates}
 */
public record Totals(
    String run,
    long upMillis,
    Map<EdgeLabels, Golden> edges,
    Map<String, Golden> rules,
    Map<String, JsonObject> values) {

  private static final int MOST_EDGES = 10_000;
  private static final int LONGEST = 300;
  private static final int MOST_WORDS = 10;
  private static final int MOST_CERTIFICATES = 100;
  private static final List<String> NUMBERS =
      List.of("in_flight", "pending", "connections", "endpoints", "healthy");
  private static final List<String> BREAKERS = List.of("closed", "half-open", "open");
  private static final Canonical NOT_TOLD =
      new Canonical(EdgeLabels.UNKNOWN, EdgeLabels.UNKNOWN, EdgeLabels.UNKNOWN);

  public Totals {
    edges = Map.copyOf(edges);
    rules = Map.copyOf(rules);
    values = Map.copyOf(values);
  }

  static JsonObject json(String run, long upNanos, Shown shown) {
    JsonArray edges = new JsonArray();
    shown
        .edges()
        .forEach(
            (labels, golden) ->
                edges.add(SignalJson.edge(labels).put("told", SignalJson.golden(golden))));
    JsonObject told =
        new JsonObject()
            .put("run", run)
            .put("up", TimeUnit.NANOSECONDS.toMillis(upNanos))
            .put("edges", edges)
            .put("rules", SignalJson.rules(shown.rules()));
    shown.values().forEach((name, values) -> told.put(name, new JsonObject(new HashMap<>(values))));
    return told;
  }

  /**
   * From what another process wrote.
   *
   * @throws IllegalArgumentException where it is of another form
   */
  public static Totals read(JsonObject told) {
    try {
      Map<EdgeLabels, Golden> edges = new HashMap<>();
      JsonArray all = told.getJsonArray("edges");
      for (int i = 0; i < Math.min(all.size(), MOST_EDGES); i++) {
        JsonObject one = all.getJsonObject(i);
        edges.merge(labels(one), golden(one.getJsonArray("told")), Golden::plus);
      }
      return new Totals(
          text(told, "run"),
          told.getLong("up"),
          edges,
          rules(told.getJsonObject("rules")),
          Map.of(
              "upstreams", each(told.getJsonObject("upstreams"), Totals::upstream),
              "state", state(told.getJsonObject("state"))));
    } catch (ClassCastException | NullPointerException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("totals: they are of another form", e);
    }
  }

  private static JsonObject each(JsonObject told, Function<Object, Object> read) {
    JsonObject all = new JsonObject();
    told.stream()
        .limit(MOST_EDGES)
        .forEach(one -> all.put(shortened(one.getKey()), read.apply(one.getValue())));
    return all;
  }

  private static Object upstream(Object told) {
    JsonObject one = (JsonObject) told;
    JsonObject read = new JsonObject();
    for (String name : NUMBERS) {
      read.put(name, count(one.getLong(name)));
    }
    String breaker = one.getString("breaker");
    return read.put("breaker", BREAKERS.contains(breaker) ? breaker : "closed");
  }

  private static Map<String, Golden> rules(JsonObject told) {
    Map<String, Golden> all = new HashMap<>();
    told.stream()
        .limit(MOST_EDGES)
        .forEach(one -> all.put(shortened(one.getKey()), golden((JsonArray) one.getValue())));
    return all;
  }

  private static JsonObject state(JsonObject told) {
    JsonArray missing = new JsonArray();
    told.getJsonArray("missing").stream()
        .limit(MOST_WORDS)
        .forEach(one -> missing.add(shortened((String) one)));
    return new JsonObject()
        .put("missing", missing)
        .put("errors", count(told.getJsonObject("config").getLong("errors")))
        .put("faults", count(told.getLong("faults")))
        .put("certificates", certificates(told.getJsonArray("certificates", new JsonArray())));
  }

  /** Of each its name, and from when until when it is valid. */
  private static JsonArray certificates(JsonArray told) {
    JsonArray all = new JsonArray();
    for (int i = 0; i < Math.min(told.size(), MOST_CERTIFICATES); i++) {
      JsonArray one = told.getJsonArray(i);
      all.add(
          new JsonArray()
              .add(shortened(one.getString(0)))
              .add(count(one.getLong(1)))
              .add(count(one.getLong(2))));
    }
    return all;
  }

  private static EdgeLabels labels(JsonObject one) {
    String host = text(one, "service");
    return new EdgeLabels(
        one.getString("reporter").equals(Reporter.SOURCE.word())
            ? Reporter.SOURCE
            : Reporter.DESTINATION,
        workload(one.getJsonObject("source")),
        workload(one.getJsonObject("destination")),
        new DestinationService(host, host, EdgeLabels.UNKNOWN),
        security(one.getString("security")));
  }

  private static Security security(String word) {
    for (Security one : Security.values()) {
      if (one.word().equals(word)) {
        return one;
      }
    }
    return Security.UNKNOWN;
  }

  private static Workload workload(JsonObject end) {
    return new Workload(
        text(end, "workload"),
        text(end, "namespace"),
        text(end, "principal"),
        text(end, "app"),
        text(end, "version"),
        NOT_TOLD);
  }

  private static String text(JsonObject of, String name) {
    return shortened(of.getString(name));
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
  }

  private static Golden golden(JsonArray told) {
    long[] counts = new long[Histogram.BUCKETS];
    JsonArray buckets = told.getJsonArray(2);
    for (int i = 0; i + 1 < buckets.size(); i += 2) {
      counts[buckets.getInteger(i)] += count(buckets.getLong(i + 1));
    }
    return new Golden(
        count(told.getLong(0)),
        count(told.getLong(1)),
        Histogram.of(counts, 0), // sums are unused
        told.size() > 3 ? carried(told.getJsonArray(3)) : Carried.NONE);
  }

  private static Carried carried(JsonArray told) {
    return new Carried(
        count(told.getLong(0)),
        count(told.getLong(1)),
        count(told.getLong(2)),
        count(told.getLong(3)));
  }

  private static long count(long told) {
    if (told < 0) {
      throw new IllegalArgumentException("count: " + told + " (expected: 0 or more)");
    }
    return told;
  }
}
