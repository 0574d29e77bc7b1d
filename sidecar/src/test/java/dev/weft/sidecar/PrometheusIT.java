package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import dev.weft.testkit.Tools;
import dev.weft.testkit.prometheus.PrometheusServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * A real Prometheus scrapes a gateway and three sidecars, and is then asked what Kiali, Grafana's
 * dashboards for Istio and Flagger ask.
 */
@Timeout(240)
@EnabledIf("prometheus")
final class PrometheusIT extends ScrapedMeshFixture {

  private static final String GATEWAY = "edge gateway gateway latest";
  private static final String SHOP = "prod shop-primary shop latest";

  static boolean prometheus() {
    return Tools.installed(PrometheusServer.PROGRAM);
  }

  @Test
  void toolsThatKnowIstioFindTheNumbersThatTheyAskFor() throws Exception {
    Path data = Files.createDirectories(folder.resolve("prometheus"));
    begin(data);
    try (PrometheusServer scraper = prometheus) {
      steadily();

      assertAll(
          this::scrapesAreWell,
          this::counted,
          this::kialisGraph,
          this::kialisEdges,
          this::kialisTimes,
          this::kialisLines,
          this::kialisMessages,
          this::grafanasMesh,
          this::grafanasServices,
          this::grafanasMoment,
          this::flaggersChecks,
          this::saturation,
          this::exemplars);
      assertThat(scraper.complaints()).isEmpty();
      await(left.close());
    }
  }

  /** Counters, by what matters of their labels: nothing is lost and nothing is twice. */
  private void counted() throws Exception {
    String by = " by (reporter,source_workload,destination_workload,destination_service_name";
    Map<List<String>, Double> all =
        prometheus.asked(
            "sum("
                + REQUESTS
                + "{destination_service_namespace=\"prod\"})"
                + by
                + ",response_code)",
            at,
            "reporter",
            "source_workload",
            "destination_workload",
            "destination_service_name",
            "response_code");
    Map<List<String>, Double> expected = new HashMap<>();
    for (String reporter : List.of("source", "destination")) {
      for (String code : List.of("200", "500")) {
        expected.put(
            words(reporter + " gateway shop-primary shop " + code), (double) sent("shop " + code));
        for (String version : List.of("v1", "v2")) {
          expected.put(
              words(reporter + " shop-primary search-" + version + " search " + code),
              (double) sent("search " + version + " " + code));
        }
      }
      expected.put(
          words(reporter + " gateway shop-primary calls 200"),
          (double) (sent("calls 0") + sent("calls 14")));
    }
    expected.put(words("destination unknown shop-primary shop 200"), (double) sent("plain 200"));
    expected.put(words("source gateway unknown gone 503"), (double) sent("gone 503"));
    assertThat(all).containsExactlyInAnyOrderEntriesOf(expected);
    assertThat(
            prometheus.number(
                "sum(istio_request_bytes_sum{reporter=\"source\",destination_service_name=\"shop\"})",
                at))
        .isEqualTo((double) ASKED_BYTES * (sent("shop 200") + sent("shop 500")));
    assertThat(
            prometheus.number(
                "sum(istio_response_bytes_sum{reporter=\"source\",destination_service_name=\"shop\"})",
                at))
        .isEqualTo((double) FOUND_BYTES * (sent("shop 200") + sent("shop 500")));
  }

  private void kialisGraph() throws Exception {
    String[] by =
        labels("request_protocol", "response_code", "grpc_response_status", "response_flags");
    String nobody = "unknown unknown unknown unknown ";

    rated(
        prometheus.asked(ToolQueries.fromOutside(REQUESTS, "prod"), at, by),
        Map.of(words(nobody + service("shop") + " " + SHOP + " http 200  -"), since("plain 200")));
    rated(
        prometheus.asked(ToolQueries.fromElsewhere(REQUESTS, "prod"), at, by),
        Map.of(
            words(GATEWAY + " " + service("shop") + " " + SHOP + " http 200  -"),
            since("shop 200"),
            words(GATEWAY + " " + service("shop") + " " + SHOP + " http 500  -"),
            since("shop 500"),
            words(GATEWAY + " " + service("calls") + " " + SHOP + " grpc 200 0 -"),
            since("calls 0"),
            words(GATEWAY + " " + service("calls") + " " + SHOP + " grpc 200 14 -"),
            since("calls 14"),
            words(GATEWAY + " " + service("gone") + " " + nobody + "http 503  UH"),
            since("gone 503")));
    Map<List<String>, Integer> within = new HashMap<>();
    for (String version : List.of("v1", "v2")) {
      for (String code : List.of("200", "500")) {
        within.put(
            words(SHOP + " " + service("search") + " " + search(version) + " http " + code + "  -"),
            since("search " + version + " " + code));
      }
    }
    rated(prometheus.asked(ToolQueries.fromWithin(REQUESTS, "prod"), at, by), within);
  }

  /** Locks and health of edges. */
  private void kialisEdges() throws Exception {
    Map<List<String>, Double> locks =
        prometheus.asked(
            "sum("
                + ToolQueries.secured("prod")
                + ") by (source_principal,destination_principal,"
                + "destination_service_name,connection_security_policy)",
            at,
            "source_principal",
            "destination_principal",
            "destination_service_name",
            "connection_security_policy");
    int searched =
        since("search v1 200")
            + since("search v2 200")
            + since("search v1 500")
            + since("search v2 500");
    rated(
        locks,
        Map.of(
            List.of(EDGE_ID, SHOP_ID, "shop", "mutual_tls"),
            since("shop 200") + since("shop 500"),
            List.of(EDGE_ID, SHOP_ID, "calls", "mutual_tls"),
            since("calls 0") + since("calls 14"),
            List.of("unknown", "unknown", "shop", "none"),
            since("plain 200"),
            List.of(SHOP_ID, SEARCH_ID, "search", "mutual_tls"),
            searched));
    rated(
        prometheus.asked(
            "sum(" + ToolQueries.health("prod") + ") by (destination_service_name,response_code)",
            at,
            "destination_service_name",
            "response_code"),
        Map.of(
            List.of("shop", "200"),
            since("shop 200"),
            List.of("shop", "500"),
            since("shop 500"),
            List.of("calls", "200"),
            since("calls 0") + since("calls 14"),
            List.of("gone", "503"),
            since("gone 503"),
            List.of("search", "200"),
            since("search v1 200") + since("search v2 200"),
            List.of("search", "500"),
            since("search v1 500") + since("search v2 500")));
  }

  /** Response times and bytes of edges. */
  private void kialisTimes() throws Exception {
    List<String> shop = List.of("shop", "http");
    String[] by = {"destination_service_name", "request_protocol"};
    within(prometheus.asked(ToolQueries.responseTime("prod", "0.95"), at, by).get(shop));
    double mean = prometheus.asked(ToolQueries.responseTime("prod", ""), at, by).get(shop);
    double slow = 2.0 / 9 * SLOW_MILLIS / slack;
    double seen = shopNanos.stream().mapToLong(Long::longValue).average().orElseThrow() / 1e6;
    assertThat(mean).as("of these two in nine are slow").isBetween(slow * 0.99, seen * slack);
    for (Map.Entry<String, Integer> bytes :
        Map.of("istio_request_bytes", ASKED_BYTES, "istio_response_bytes", FOUND_BYTES)
            .entrySet()) {
      double rate =
          prometheus
              .asked(ToolQueries.throughput(bytes.getKey(), "prod"), at, "destination_service_name")
              .get(List.of("shop"));
      double all = (double) bytes.getValue() * (since("shop 200") + since("shop 500"));
      assertThat(rate * ToolQueries.WINDOW_SECONDS)
          .as(bytes.getKey())
          .isBetween(all * (1 - EXACT), all * slack);
    }
  }

  private void kialisLines() throws Exception {
    String nobody = GATEWAY + " " + service("lines") + " prod lines-v3 lines v3 -";
    String[] by = labels("response_flags");
    rated(
        prometheus.asked(ToolQueries.fromElsewhere(SENT, "prod"), at, by),
        Map.of(words(nobody), 2 * LINE_BYTES * since("lines")));
    rated(
        prometheus.asked(ToolQueries.fromElsewhere(RECEIVED, "prod"), at, by),
        Map.of(words(nobody), LINE_BYTES * since("lines")));
    assertThat(prometheus.asked(ToolQueries.fromOutside(SENT, "prod"), at, by)).isEmpty();
    String of = "{destination_workload=\"lines-v3\",request_protocol=\"tcp\"}";
    assertThat(prometheus.number("sum(istio_tcp_connections_opened_total" + of + ")", at))
        .isEqualTo(sent("lines"));
    assertThat(prometheus.number("sum(istio_tcp_connections_closed_total" + of + ")", at))
        .as("one is open still")
        .isEqualTo(sent("lines") - 1);
    assertThat(prometheus.number("sum(" + SENT + of + ")", at))
        .as("of the open one too")
        .isEqualTo(2.0 * LINE_BYTES * sent("lines"));
  }

  /** Of gRPC: one each way of each call. */
  private void kialisMessages() throws Exception {
    Map<List<String>, Integer> calls =
        Map.of(
            words(GATEWAY + " " + service("calls") + " " + SHOP + " -"),
            since("calls 0") + since("calls 14"));
    String[] by = labels("response_flags");
    for (String metric : List.of("istio_request_messages_total", "istio_response_messages_total")) {
      rated(prometheus.asked(ToolQueries.fromElsewhere(metric, "prod"), at, by), calls);
      assertThat(prometheus.asked(ToolQueries.fromOutside(metric, "prod"), at, by)).isEmpty();
      assertThat(
              prometheus.asked(
                  "sum("
                      + metric
                      + "{destination_service_name=\"calls\",request_protocol=\"grpc\"}) by (reporter)",
                  at,
                  "reporter"))
          .as(metric + " at both ends")
          .containsOnly(
              Map.entry(List.of("source"), (double) (sent("calls 0") + sent("calls 14"))),
              Map.entry(List.of("destination"), (double) (sent("calls 0") + sent("calls 14"))));
    }
    assertThat(prometheus.number("sum(istio_build{component=\"proxy\",tag=~\".+\"})", at))
        .isEqualTo(admins.size());
  }

  private void grafanasMesh() throws Exception {
    String[] by = {"destination_workload_var", "destination_service"};
    int searched1 = since("search v1 200") + since("search v1 500");
    int searched2 = since("search v2 200") + since("search v2 500");
    String host = ".prod.svc.cluster.local";
    rated(
        prometheus.asked(ToolQueries.workloads(), at, by),
        Map.of(
            List.of("shop-primary.prod", "shop" + host),
            since("shop 200") + since("shop 500"),
            List.of("shop-primary.prod", "calls" + host),
            since("calls 0") + since("calls 14"),
            List.of("unknown.unknown", "gone" + host),
            since("gone 503"),
            List.of("search-v1.prod", "search" + host),
            searched1,
            List.of("search-v2.prod", "search" + host),
            searched2));
    rated(
        prometheus.asked(ToolQueries.workloadBytes(SENT), at, by),
        Map.of(List.of("lines-v3.prod", "lines" + host), 2 * LINE_BYTES * since("lines")));
    Map<List<String>, Double> success =
        prometheus.asked(ToolQueries.workloadSuccess(), at, "destination_workload_var");
    share(success.get(List.of("search-v1.prod")), since("search v1 200"), since("search v1 500"));
    share(success.get(List.of("search-v2.prod")), since("search v2 200"), since("search v2 500"));
    assertThat(success)
        .as("nothing good, and so nothing told")
        .doesNotContainKey(List.of("unknown.unknown"));
    within(
        prometheus
            .asked(ToolQueries.workloadQuantile("0.99"), at, "destination_workload_var")
            .get(List.of("search-v1.prod")));
  }

  private void grafanasServices() throws Exception {
    String host = ".prod.svc.cluster.local";
    assertThat(
            prometheus.asked(ToolQueries.services(), at, "destination_service").keySet().stream()
                .map(key -> key.get(0))
                .filter(name -> name.endsWith(host)))
        .containsExactlyInAnyOrder(
            "shop" + host, "calls" + host, "search" + host, "gone" + host, "lines" + host);
    rated(
        prometheus.asked(
            ToolQueries.incoming("shop" + host),
            at,
            "source_workload",
            "source_workload_namespace",
            "response_code"),
        Map.of(
            List.of("gateway", "edge", "200"),
            since("shop 200"),
            List.of("gateway", "edge", "500"),
            since("shop 500")));
    rated(
        prometheus.asked(
            ToolQueries.outgoing("prod", "shop-primary"),
            at,
            "destination_service",
            "response_code"),
        Map.of(
            List.of("search" + host, "200"),
            since("search v1 200") + since("search v2 200"),
            List.of("search" + host, "500"),
            since("search v1 500") + since("search v2 500")));
    assertThat(
            prometheus.number(
                ToolQueries.incomingBytes("istio_request_bytes", "shop" + host, "0.50"), at))
        .as("the middle of 1,000 to 2,500")
        .isEqualTo(1750);
    assertThat(
            prometheus.number(
                ToolQueries.incomingBytes("istio_response_bytes", "shop" + host, "0.50"), at))
        .as("the middle of 2,500 to 5,000, which includes its end")
        .isEqualTo(3750);
  }

  /**
   * Between two scrapes lies a piece of what repeats itself every nine requests, so that of n
   * requests n/9 failed, or less than one more or fewer.
   */
  private void grafanasMoment() throws Exception {
    String shop = "shop.prod.svc.cluster.local";
    double volume = prometheus.number(ToolQueries.clientVolume(shop), middle);
    double least = volume * 0.9; // scrapes are a second apart, or somewhat less
    assertThat(least).isGreaterThan(1);

    assertThat(prometheus.number(ToolQueries.clientSuccess(shop), middle))
        .isBetween(8.0 / 9 - 1 / least, 8.0 / 9 + 1 / least);
  }

  private void flaggersChecks() throws Exception {
    share(
        prometheus.number(ToolQueries.successRate("prod", "shop-primary"), at) / 100,
        since("shop 200") + since("plain 200") + since("calls 0") + since("calls 14"),
        since("shop 500"));
    share(
        prometheus.number(ToolQueries.successRate("prod", "search-v2"), at) / 100,
        since("search v2 200"),
        since("search v2 500"));
    within(prometheus.number(ToolQueries.duration("prod", "shop-primary"), at));
  }

  /** What Istio's metrics do not tell. */
  private void saturation() throws Exception {
    int searched =
        sent("search v1 200")
            + sent("search v2 200")
            + sent("search v1 500")
            + sent("search v2 500");
    String route = "{job=\"shop\",route=\"prod/search#0\"}";
    assertThat(prometheus.number("weft_route_requests_total" + route, at)).isEqualTo(searched);
    assertThat(prometheus.number("weft_route_failures_total" + route, at))
        .isEqualTo(sent("search v1 500") + sent("search v2 500"));
    within(
        prometheus.number(
            "histogram_quantile(0.99, sum(rate(weft_route_duration_milliseconds_bucket%s[%ds])) by (le))"
                .formatted(route, ToolQueries.WINDOW_SECONDS),
            at));
    assertThat(
            prometheus.number(
                "sum(weft_event_loop_delay_milliseconds_count{job=\"gateway\",loop=\"0\"})", at))
        .as("looked at twice a second")
        .isBetween(4.0, 2.0 * 240);
    assertThat(prometheus.asked("sum(weft_signals_overflow_total) by (kind)", at, "kind"))
        .containsOnly(
            Map.entry(List.of("edges"), 0.0),
            Map.entry(List.of("outcomes"), 0.0),
            Map.entry(List.of("tags"), 0.0),
            Map.entry(List.of("routes"), 0.0));
    assertThat(prometheus.number("sum(weft_upstream_waited_total{job=\"shop\"})", at))
        .as("those of the first connections")
        .isPositive();
    assertThat(prometheus.number("sum(weft_upstream_waited_seconds_total{job=\"shop\"})", at))
        .isBetween(0.0, 240.0);
  }
}
