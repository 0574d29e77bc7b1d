package dev.weft.routing.admin.dashboard;

import dev.weft.routing.telemetry.EdgeLabels;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What readers of the live events were told, so that they are told only what changed. Edges get
 * small numbers when they are told first.
 *
 * <p>One thread at a time; it belongs to the feed's worker.
 */
final class LiveState {

  private final Map<EdgeLabels, Integer> numbers = new HashMap<>();
  private final Map<Integer, JsonArray> edges = new HashMap<>();
  private final Map<String, Map<String, Object>> named = new HashMap<>();
  private int next;

  /** What there is at a moment; {@code values} are told by name, each entry when it changed. */
  record Look(
      long epochMillis,
      SignalWindow.Since<EdgeLabels> since,
      Map<String, Map<String, Object>> values) {}

  /** Takes a look and gives what is different from the one before. */
  JsonObject changed(Look look) {
    JsonObject told = head(look);
    Edges fresh = new Edges();
    JsonArray counts = new JsonArray();
    look.since()
        .golden()
        .forEach(
            (labels, golden) -> {
              Integer number = numbers.get(labels);
              if (number == null) {
                number = next++;
                numbers.put(labels, number);
                fresh.add(labels, number);
              }
              JsonArray now = SignalJson.golden(golden);
              if (!now.equals(edges.put(number, now))) {
                counts.add(new JsonArray().add(number).add(now));
              }
            });
    fresh.into(told).put("counts", counts).put("gone", gone(look));
    look.values().forEach((name, values) -> told.put(name, changed(name, values)));
    return told;
  }

  /** Everything as it was told last. */
  JsonObject all(Look look) {
    JsonObject told = head(look).put("bounds", SignalJson.bounds());
    Edges known = new Edges();
    numbers.forEach(known::add);
    JsonArray counts = new JsonArray();
    edges.forEach((number, golden) -> counts.add(new JsonArray().add(number).add(golden)));
    known.into(told).put("counts", counts).put("gone", new JsonArray());
    named.forEach((name, values) -> told.put(name, new JsonObject(new HashMap<>(values))));
    return told;
  }

  /** Edges of one event; an end that several of them have is told once, and named by its place. */
  private static final class Edges {
    private final Map<EdgeLabels.Workload, Integer> places = new HashMap<>();
    private final JsonArray ends = new JsonArray();
    private final JsonArray edges = new JsonArray();

    void add(EdgeLabels labels, int number) {
      edges.add(SignalJson.edge(labels, this::place).put("id", number));
    }

    private Object place(EdgeLabels.Workload end) {
      return places.computeIfAbsent(
          end,
          fresh -> {
            ends.add(SignalJson.end(fresh));
            return ends.size() - 1;
          });
    }

    JsonObject into(JsonObject told) {
      return told.put("ends", ends).put("edges", edges);
    }
  }

  private static JsonObject head(Look look) {
    return new JsonObject()
        .put("now", look.epochMillis())
        .put("seconds", look.since().seconds())
        .put("step_seconds", SignalWindow.STEP.toSeconds());
  }

  private JsonArray gone(Look look) {
    JsonArray gone = new JsonArray();
    numbers
        .entrySet()
        .removeIf(
            known -> {
              boolean over = !look.since().golden().containsKey(known.getKey());
              if (over) {
                gone.add(known.getValue());
                edges.remove(known.getValue());
              }
              return over;
            });
    return gone;
  }

  /** What has another value, or null where it is not there any more. */
  private JsonObject changed(String name, Map<String, Object> values) {
    Map<String, Object> before = Objects.requireNonNullElse(named.put(name, values), Map.of());
    JsonObject told = new JsonObject();
    values.forEach(
        (key, value) -> {
          if (!value.equals(before.get(key))) {
            told.put(key, value);
          }
        });
    before.keySet().stream().filter(key -> !values.containsKey(key)).forEach(told::putNull);
    return told;
  }
}
