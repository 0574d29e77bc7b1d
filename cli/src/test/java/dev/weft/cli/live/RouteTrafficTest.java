package dev.weft.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RouteTrafficTest {

  /** Of one rule: so many requests took up to 5 ms, all of them up to 10 ms. */
  private static String metrics(String route, long requests, long failed, long quick) {
    return """
    weft_route_requests_total{route="%1$s"} %2$d
    weft_route_failures_total{route="%1$s"} %3$d
    weft_route_duration_milliseconds_bucket{route="%1$s",le="5.0"} %4$d
    weft_route_duration_milliseconds_bucket{route="%1$s",le="10.0"} %2$d
    weft_route_duration_milliseconds_bucket{route="%1$s",le="+Inf"} %2$d
    weft_route_duration_milliseconds_sum{route="%1$s"} 7
    """
        .formatted(route, requests, failed, quick);
  }

  private static List<String> lines(Map<String, Count> routes) {
    return TopTable.routes(routes, 2, 200).stream().map(Screen.Line::text).toList();
  }

  @Test
  void routesAreToldByWhatCameSinceTheLastLookWhatFailsFirst() {
    Map<String, Count> before =
        RouteTraffic.of(
            metrics("a#0", 10, 0, 10) + metrics("b#0", 5, 5, 5) + metrics("-", 1, 1, 1));
    Map<String, Count> now =
        RouteTraffic.of(
            metrics("a#0", 40, 0, 40) + metrics("b#0", 15, 10, 10) + metrics("-", 1, 1, 1));

    assertThat(lines(Counting.since(before, now)))
        .containsExactly(
            "ROUTE  REQ/S  SUCCESS  P50    P90    P99",
            "b#0    5.0    50.00%   5.0ms  9.0ms  9.9ms",
            "a#0    15.0   100.00%  3.0ms  4.6ms  5.0ms");
  }

  @Test
  void latenciesOfSeveralProxiesAreThoseOfTheirRequestsTogether() {
    Map<String, Count> quick = RouteTraffic.of(metrics("a#0", 90, 0, 90));
    Map<String, Count> slow = RouteTraffic.of(metrics("a#0", 10, 1, 0));

    // of a hundred, ninety took up to 5 ms: the mean of both proxies' p90 would be 7.1 ms
    assertThat(lines(Counting.together(List.of(quick, slow))).get(1))
        .isEqualTo("a#0    50.0   99.00%   3.2ms  5.0ms  9.5ms");
  }

  @Test
  void aProxyThatChoseNoRuleHasNone() {
    assertThat(lines(RouteTraffic.of("weft_upstream_in_flight{cluster=\"c\"} 1\n"))).isEmpty();
    assertThat(lines(RouteTraffic.of(metrics("-", 3, 3, 3))).get(1)).startsWith("no rule matched");
  }
}
