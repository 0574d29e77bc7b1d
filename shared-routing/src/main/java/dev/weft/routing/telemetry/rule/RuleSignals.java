package dev.weft.routing.telemetry.rule;

import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.MeshSignals.Family;
import dev.weft.routing.telemetry.MeshSignals.Sample;
import dev.weft.routing.telemetry.MeshSignals.Spread;
import dev.weft.routing.telemetry.MetricNames;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import java.util.List;
import java.util.Map;
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
    signals.counter(
        new Family(MetricNames.ROUTE_REQUESTS, "Requests that ended, by their rule.", BY_ROUTE),
        () -> samples(rules, Count::requests));
    signals.counter(
        new Family(
            MetricNames.ROUTE_FAILURES,
            "Those without an answer, or with one of 5xx or a gRPC status like it.",
            BY_ROUTE),
        () -> samples(rules, Count::failed));
    signals.histogram(
        new Family(
            MetricNames.ROUTE_DURATION,
            "Time from a request's first byte to its response's last, in milliseconds.",
            BY_ROUTE),
        () ->
            with(rules.millis(), rules, rules.overflowMillis()).entrySet().stream()
                .map(each -> new Spread(List.of(each.getKey()), each.getValue()))
                .toList());
  }

  private static List<Sample> samples(RuleCounts rules, ToLongFunction<Count> which) {
    return with(rules.counts(), rules, rules.overflow()).entrySet().stream()
        .map(each -> new Sample(List.of(each.getKey()), which.applyAsLong(each.getValue())))
        .toList();
  }

  private static <T> Map<String, T> with(Map<String, T> all, RuleCounts rules, T together) {
    if (rules.overflow().requests() > 0) {
      all.put(OVERFLOW, together);
    }
    return all;
  }
}
