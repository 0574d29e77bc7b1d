package dev.weft.cli.live;

import dev.weft.cli.live.Traffic.Edge;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** One look of {@code weft top} for machines, in the order of {@link TopTable}: an interface. */
final class TopJson {

  private static final double THOUSAND = 1000; // three decimals are told

  private TopJson() {}

  /**
   * What is told of the time between two looks.
   *
   * @param traffic requests since the last look
   * @param routes requests by the rule that was chosen for them, {@code -} for none
   * @param upstreams of {@link TopTable#UPSTREAMS}, of all proxies
   * @param seconds since the last look
   */
  static JsonObject of(
      Map<Edge, Count> traffic, Map<String, Count> routes, List<Series> upstreams, double seconds) {
    JsonArray services = new JsonArray();
    TopTable.worstFirst(TopTable.served(traffic))
        .forEach(
            one ->
                services.add(
                    signals(one.getValue(), seconds)
                        .put("service", one.getKey().service())
                        .put("version", one.getKey().version())
                        .put("reporter", one.getKey().reporter())));
    JsonArray rules = new JsonArray();
    TopTable.worstFirst(routes)
        .forEach(one -> rules.add(signals(one.getValue(), seconds).put("route", one.getKey())));
    JsonArray busy = new JsonArray();
    TopTable.busy(upstreams)
        .forEach(
            one ->
                busy.add(
                    new JsonObject()
                        .put("cluster", one.cluster())
                        .put("in_flight", one.inFlight())
                        .put("waiting", one.waiting())
                        .put("connections", one.connections())
                        .put("breaker", one.breaker())));
    return new JsonObject()
        .put("seconds", told(seconds))
        .put("services", services)
        .put("routes", rules)
        .put("upstreams", busy);
  }

  private static JsonObject signals(Count count, double seconds) {
    return new JsonObject()
        .put("requests_per_second", told(count.all() / seconds))
        .put("success_percent", told(count.success()))
        .put("p50_ms", told(count.millis().quantile(0.5)))
        .put("p90_ms", told(count.millis().quantile(0.9)))
        .put("p99_ms", told(count.millis().quantile(0.99)));
  }

  private static double told(double value) {
    return Math.round(value * THOUSAND) / THOUSAND;
  }
}
