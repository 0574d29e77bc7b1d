package dev.weft.routing.telemetry.rule;

import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.MeshSignals.Family;
import dev.weft.routing.telemetry.MeshSignals.Sample;
import dev.weft.routing.telemetry.MeshSignals.Spread;
import dev.weft.routing.telemetry.MetricNames;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import dev.weft.routing.telemetry.rule.RuleCounts.Totals;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Tells how each rule fares, at each scrape, on the thread that scrapes. */
public final class RuleSignals {

  private static final List<String> BY_ROUTE = List.of("route");
  private static final String OVERFLOW = "overflow";

  private RuleSignals() {}

  /**
   * Registers the families.
   *
   * @param rules that were chosen; those that are too many are the route {@value #OVERFLOW}
   */
  public static void tell(MeshSignals signals, RuleCounts rules) {
    Supplier<Map<String, Totals>> told = () -> told(rules);
    signals.counter(
        new Family(MetricNames.ROUTE_REQUESTS, "Requests that ended, by their rule.", BY_ROUTE),
        scrape -> samples(scrape.once(told), Count::requests));
    signals.counter(
        new Family(
            MetricNames.ROUTE_FAILURES,
            "Those without an answer, or with one of 5xx or a gRPC status like it.",
            BY_ROUTE),
        scrape -> samples(scrape.once(told), Count::failed));
    signals.histogram(
        new Family(
            MetricNames.ROUTE_DURATION,
            "Time from a request's first byte to its response's last, in milliseconds.",
            BY_ROUTE),
        scrape ->
            scrape.once(told).entrySet().stream()
                .map(each -> new Spread(List.of(each.getKey()), each.getValue().millis()))
                .toList());
  }

  private static List<Sample> samples(Map<String, Totals> told, ToLongFunction<Count> which) {
    return told.entrySet().stream()
        .map(each -> new Sample(List.of(each.getKey()), which.applyAsLong(each.getValue().count())))
        .toList();
  }

  private static Map<String, Totals> told(RuleCounts rules) {
    Map<String, Totals> all = rules.requests();
    Totals together = rules.overflow();
    if (together.count().requests() > 0) {
      all.put(OVERFLOW, together);
    }
    return all;
  }
}
