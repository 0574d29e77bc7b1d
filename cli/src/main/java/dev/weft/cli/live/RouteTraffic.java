package dev.weft.cli.live;

import java.util.Map;
import java.util.Set;

/** Requests as one proxy's metrics count them, by the rule that was chosen for them. */
final class RouteTraffic {

  private static final String REQUESTS = "weft_route_requests_total";
  private static final String FAILURES = "weft_route_failures_total";
  private static final String TOOK = "weft_route_duration_milliseconds";
  private static final String SUM = TOOK + "_sum";
  private static final Set<String> NAMES = Set.of(REQUESTS, FAILURES, SUM, TOOK + "_bucket");

  private RouteTraffic() {}

  /**
   * As the text of one proxy's {@code /metrics} tells it.
   *
   * @return by the rule's name; {@code -} stands for no rule
   */
  static Map<String, Count> of(String metrics) {
    Counting<String> counting = new Counting<>();
    for (Series series : Series.of(metrics, NAMES)) {
      String route = series.label("route");
      switch (series.name()) {
        case REQUESTS -> counting.all(route, series.value());
        case FAILURES -> counting.failed(route, series.value());
        case SUM -> counting.millis(route, series.value());
        default -> counting.bucket(route, series);
      }
    }
    return counting.counts();
  }
}
