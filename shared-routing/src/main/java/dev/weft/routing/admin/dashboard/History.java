package dev.weft.routing.admin.dashboard;

import dev.weft.routing.admin.dashboard.SignalWindow.Load;
import dev.weft.routing.telemetry.EdgeLabels;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The window as the pages draw it: of one service by version and upstream, of one rule, or of all
 * services in few words. Steps are told by their place in {@code times}; those in which nothing was
 * are left out.
 */
final class History {

  private static final int MOST_SERIES = 200; // versions of a service, by who counted
  private static final int STEPS_OF_A_SPARK = 6; // a minute

  private static final long[] NOTHING = new long[2];

  private History() {}

  /**
   * One service.
   *
   * @param host in full
   */
  static JsonObject of(SignalWindow<EdgeLabels> window, String host) {
    OfService all = new OfService(host);
    window.read(all);
    all.flush();
    JsonArray series = new JsonArray();
    all.series.forEach(
        (key, points) ->
            series.add(
                new JsonObject()
                    .put("version", key.version)
                    .put("reporter", key.reporter)
                    .put("points", points)));
    JsonArray upstreams = new JsonArray();
    all.upstreams.forEach(
        (name, points) ->
            upstreams.add(new JsonObject().put("upstream", name).put("points", points)));
    return told(all.times, series).put("upstreams", upstreams);
  }

  /**
   * One rule, as a service of a single version.
   *
   * @param name of the rule
   */
  static JsonObject ofRule(SignalWindow<String> window, String name) {
    OfRule all = new OfRule(name);
    window.read(all);
    JsonArray series = new JsonArray();
    if (!all.points.isEmpty()) {
      series.add(new JsonObject().put("version", "").put("points", all.points));
    }
    return told(all.times, series);
  }

  private static JsonObject told(List<Long> times, JsonArray series) {
    return new JsonObject()
        .put("step_seconds", SignalWindow.STEP.toSeconds())
        .put("bounds", SignalJson.bounds())
        .put("times", new JsonArray(new ArrayList<Object>(times)))
        .put("series", series);
  }

  /**
   * Requests and failures of all services, by who counted and by minute: {@code [[requests,
   * failed], ...]}, of whole minutes only, up to now.
   */
  static JsonObject sparks(SignalWindow<EdgeLabels> window) {
    Sparks all = new Sparks();
    window.read(all);
    JsonObject services = new JsonObject();
    all.services.forEach(
        (host, reporters) -> {
          JsonObject by = new JsonObject();
          reporters.forEach((reporter, points) -> by.put(reporter, points(points, all.steps)));
          services.put(host, by);
        });
    return new JsonObject()
        .put("step_seconds", SignalWindow.STEP.toSeconds() * STEPS_OF_A_SPARK)
        .put("services", services);
  }

  private static JsonArray points(Map<Integer, long[]> points, int steps) {
    JsonArray all = new JsonArray();
    for (int first = steps % STEPS_OF_A_SPARK; first < steps; first += STEPS_OF_A_SPARK) {
      long requests = 0;
      long failed = 0;
      for (int step = first; step < first + STEPS_OF_A_SPARK; step++) {
        long[] point = points.getOrDefault(step, NOTHING);
        requests += point[0];
        failed += point[1];
      }
      all.add(new JsonArray().add(requests).add(failed));
    }
    return all;
  }

  private record Key(String version, String reporter) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byVersion = version.compareTo(other.version);
      return byVersion == 0 ? reporter.compareTo(other.reporter) : byVersion;
    }
  }

  private static final class OfService implements SignalWindow.Reader<EdgeLabels> {

    private final String host;
    private final List<Long> times = new ArrayList<>();
    private final Map<Key, Golden> step = new TreeMap<>();
    private final Map<Key, JsonArray> series = new TreeMap<>();
    private final Map<String, JsonArray> upstreams = new TreeMap<>();

    OfService(String host) {
      this.host = host;
    }

    @Override
    public void step(long epochMillis) {
      flush();
      times.add(epochMillis);
    }

    @Override
    public void golden(EdgeLabels labels, Golden golden) {
      Key key = new Key(labels.destination().version(), labels.reporter().word());
      if (labels.service().host().equals(host)
          && (series.containsKey(key) || series.size() < MOST_SERIES)) {
        step.merge(key, golden, Golden::plus);
        series.computeIfAbsent(key, fresh -> new JsonArray());
      }
    }

    @Override
    public void load(Load load) {
      if (load.upstream().endsWith("|" + host)) {
        upstreams
            .computeIfAbsent(load.upstream(), fresh -> new JsonArray())
            .add(
                new JsonArray()
                    .add(times.size() - 1)
                    .add(load.inFlight())
                    .add(load.pending())
                    .add(load.connections()));
      }
    }

    void flush() {
      int at = times.size() - 1;
      step.forEach(
          (key, golden) ->
              series
                  .getOrDefault(key, new JsonArray())
                  .add(new JsonArray().add(at).add(SignalJson.golden(golden))));
      step.clear();
    }
  }

  private static final class OfRule implements SignalWindow.Reader<String> {

    private final String name;
    private final List<Long> times = new ArrayList<>();
    private final JsonArray points = new JsonArray();

    OfRule(String name) {
      this.name = name;
    }

    @Override
    public void step(long epochMillis) {
      times.add(epochMillis);
    }

    @Override
    public void golden(String rule, Golden golden) {
      if (rule.equals(name)) {
        points.add(new JsonArray().add(times.size() - 1).add(SignalJson.golden(golden)));
      }
    }

    @Override
    public void load(Load load) {
      // rules have none
    }
  }

  private static final class Sparks implements SignalWindow.Reader<EdgeLabels> {

    private final Map<String, Map<String, Map<Integer, long[]>>> services = new TreeMap<>();
    private int steps;

    @Override
    public void step(long epochMillis) {
      steps++;
    }

    @Override
    public void golden(EdgeLabels labels, Golden golden) {
      long[] point =
          services
              .computeIfAbsent(labels.service().host(), fresh -> new TreeMap<>())
              .computeIfAbsent(labels.reporter().word(), fresh -> new HashMap<>())
              .computeIfAbsent(steps - 1, fresh -> new long[2]);
      point[0] += golden.requests();
      point[1] += golden.failed();
    }

    @Override
    public void load(Load load) {
      // a spark shows requests
    }
  }
}
