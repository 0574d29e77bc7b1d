package dev.weft.routing.admin.dashboard;

import dev.weft.routing.admin.AdminSource;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.dashboard.SignalWindow.Load;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.Histogram;
import dev.weft.routing.telemetry.tcp.Carried;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.function.Function;

/**
 * Signals as the pages get them. Durations come as counts by bucket and not as percentiles, so that
 * a page can add up those of several edges, versions or proxies.
 */
public final class SignalJson {

  private SignalJson() {}

  /** The upper bounds of the buckets, in milliseconds; the last bucket has none. */
  static JsonArray bounds() {
    JsonArray bounds = new JsonArray();
    double[] upper = Histogram.upperBounds();
    for (int i = 0; i < upper.length - 1; i++) {
      bounds.add(upper[i]);
    }
    return bounds;
  }

  /**
   * {@code [failed, refused, [bucket, count, bucket, count ...]]}, without empty buckets; and what
   * was carried that is not HTTP, where there was such: {@code [opened, closed, sent, received]}.
   */
  static JsonArray golden(Golden golden) {
    JsonArray buckets = new JsonArray();
    long[] counts = golden.millis().counts();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        buckets.add(i).add(counts[i]);
      }
    }
    JsonArray told = new JsonArray().add(golden.failed()).add(golden.refused()).add(buckets);
    Carried carried = golden.carried();
    if (!carried.equals(Carried.NONE)) {
      told.add(
          new JsonArray()
              .add(carried.opened())
              .add(carried.closed())
              .add(carried.sent())
              .add(carried.received()));
    }
    return told;
  }

  /** Who calls whom. */
  static JsonObject edge(EdgeLabels labels) {
    return edge(labels, SignalJson::end);
  }

  /**
   * Who calls whom.
   *
   * @param end how an end is told
   */
  static JsonObject edge(EdgeLabels labels, Function<EdgeLabels.Workload, Object> end) {
    return new JsonObject()
        .put("reporter", labels.reporter().word())
        .put("service", labels.service().host())
        .put("source", end.apply(labels.source()))
        .put("destination", end.apply(labels.destination()))
        .put("security", labels.security().word());
  }

  /** Who calls, or is called. */
  static JsonObject end(EdgeLabels.Workload end) {
    return new JsonObject()
        .put("workload", end.name())
        .put("namespace", end.namespace())
        .put("app", end.app())
        .put("version", end.version())
        .put("principal", end.principal());
  }

  /** How an upstream is. */
  static JsonObject upstream(AdminView.Cluster cluster) {
    long healthy = cluster.endpoints().stream().filter(SignalJson::healthy).count();
    return new JsonObject()
        .put("in_flight", cluster.inFlight())
        .put("pending", cluster.pending())
        .put("connections", cluster.connections())
        .put("breaker", cluster.breaker())
        .put("endpoints", cluster.endpoints().size())
        .put("healthy", healthy);
  }

  private static boolean healthy(AdminView.Endpoint endpoint) {
    return endpoint.health().equals("healthy") || endpoint.health().equals("just failed");
  }

  /** Each as {@link #golden} tells it. */
  static JsonObject rules(Map<String, Golden> rules) {
    JsonObject all = new JsonObject();
    rules.forEach((name, golden) -> all.put(name, golden(golden)));
    return all;
  }

  /** How full an upstream is, of what {@link #upstream} tells. */
  static Load load(String name, JsonObject told) {
    return new Load(
        name,
        told.getLong("in_flight", 0L),
        told.getLong("pending", 0L),
        told.getLong("connections", 0L));
  }

  /** How a proxy is. */
  static Map<String, Object> state(String name, String version, AdminSource admin) {
    AdminView.Config config = admin.config();
    JsonArray certificates = new JsonArray();
    admin
        .certificates()
        .forEach(
            one ->
                certificates.add(
                    new JsonArray()
                        .add(one.id())
                        .add(one.notBefore().toEpochMilli())
                        .add(one.notAfter().toEpochMilli())));
    return Map.of(
        "name",
        name,
        "weft",
        version,
        "missing",
        new JsonArray(admin.notReady()),
        "config",
        config(config),
        "certificates",
        certificates,
        "faults",
        admin.certificateFaults().size());
  }

  /** Which configuration serves, in few words. */
  public static JsonObject config(AdminView.Config config) {
    long errors =
        config.problems().stream().filter(one -> one.severity().word().equals("error")).count();
    return new JsonObject()
        .put("version", config.version())
        .put("applied", config.applied().toEpochMilli())
        .put("sources", new JsonArray(config.sources()))
        .put("rejected", config.rejected())
        .put("errors", errors)
        .put("warnings", config.problems().size() - errors);
  }
}
