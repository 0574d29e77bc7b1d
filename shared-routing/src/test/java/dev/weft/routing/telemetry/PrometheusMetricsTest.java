package dev.weft.routing.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.ExchangeObserver.Messages;
import dev.weft.routing.telemetry.MeshSignals.Family;
import dev.weft.routing.telemetry.MeshSignals.Limits;
import dev.weft.routing.telemetry.MeshSignals.Sample;
import dev.weft.routing.telemetry.MeshSignals.Spread;
import dev.weft.routing.telemetry.rule.RuleCounts;
import dev.weft.routing.telemetry.rule.RuleSignals;
import dev.weft.routing.telemetry.trace.SeenTrace;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PrometheusMetricsTest {

  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  private final HandTicker ticker = new HandTicker();
  private final MeshSignals signals = new MeshSignals(2, Limits.DEFAULT, ticker);
  private final PrometheusMetrics metrics = new PrometheusMetrics(signals);

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void aRequestIsToldWithIstiosNameAndEveryLabel() {
    signals
        .edge(Samples.gatewayToSearch("v1"))
        .record(1, Outcome.http(503, Optional.of(Cause.BREAKER_OPEN)), 1, 0, 0);

    String line = only("istio_requests_total{");

    assertThat(line).endsWith(" 1.0");
    assertThat(labels(line))
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("reporter", "source"),
                Map.entry("source_workload", "gateway"),
                Map.entry("source_workload_namespace", "prod"),
                Map.entry("source_principal", "spiffe://cluster.local/ns/prod/sa/gateway"),
                Map.entry("source_app", "gateway"),
                Map.entry("source_version", "1"),
                Map.entry("source_cluster", "unknown"),
                Map.entry("source_canonical_service", "gateway"),
                Map.entry("source_canonical_revision", "latest"),
                Map.entry("destination_workload", "search-v1"),
                Map.entry("destination_workload_namespace", "prod"),
                Map.entry("destination_principal", "spiffe://cluster.local/ns/prod/sa/search"),
                Map.entry("destination_app", "search"),
                Map.entry("destination_version", "v1"),
                Map.entry("destination_cluster", "unknown"),
                Map.entry("destination_canonical_service", "search"),
                Map.entry("destination_canonical_revision", "v1"),
                Map.entry("destination_service", "search.prod.svc.cluster.local"),
                Map.entry("destination_service_name", "search"),
                Map.entry("destination_service_namespace", "prod"),
                Map.entry("request_protocol", "http"),
                Map.entry("response_code", "503"),
                Map.entry("grpc_response_status", ""),
                Map.entry("response_flags", "UO"),
                Map.entry("connection_security_policy", "unknown")));
  }

  @Test
  void durationsHaveEnvoysBucketsInMilliseconds() {
    EdgeSignals edge = signals.edge(Samples.gatewayToSearch("v1"));
    int ok = Outcome.http(200, Optional.empty());
    edge.record(0, ok, Duration.ofMillis(3).toNanos(), 0, 0);
    edge.record(1, ok, Duration.ofMillis(700).toNanos(), 0, 0);

    List<String> lines = lines("istio_request_duration_milliseconds_bucket{");

    assertThat(lines)
        .extracting(line -> labels(line).get("le"))
        .containsExactly(
            "0.5",
            "1.0",
            "5.0",
            "10.0",
            "25.0",
            "50.0",
            "100.0",
            "250.0",
            "500.0",
            "1000.0",
            "2500.0",
            "5000.0",
            "10000.0",
            "30000.0",
            "60000.0",
            "300000.0",
            "600000.0",
            "1800000.0",
            "3600000.0",
            "+Inf");
    assertThat(lines)
        .extracting(PrometheusMetricsTest::value)
        .containsExactly(
            0L, 0L, 1L, 1L, 1L, 1L, 1L, 1L, 1L, 2L, 2L, 2L, 2L, 2L, 2L, 2L, 2L, 2L, 2L, 2L);
    assertThat(only("istio_request_duration_milliseconds_sum{")).endsWith(" 703.0");
    assertThat(only("istio_request_duration_milliseconds_count{")).endsWith(" 2");
  }

  @Test
  void aSampledRequestIsAnExemplarOfItsBucketAndNothingElse() {
    EdgeSignals edge = signals.edge(Samples.gatewayToSearch("v1"));
    int ok = Outcome.http(200, Optional.empty());
    edge.record(0, ok, Duration.ofMillis(3).toNanos(), 0, 0);
    edge.seen(
        0,
        ok,
        Duration.ofMillis(3).toNanos(),
        new SeenTrace(new TraceContext(1, 2, 3, 4, TraceContext.SAMPLED, 0), 3, 1_500));

    List<String> with = metrics.openMetrics().lines().filter(line -> line.contains(" # ")).toList();

    assertThat(with).hasSize(1);
    assertThat(with.get(0))
        .startsWith("istio_request_duration_milliseconds_bucket{")
        .contains("le=\"5.0\"")
        .contains("trace_id=\"00000000000000010000000000000002\"")
        .endsWith("} 3.0 1.500");
  }

  @Test
  void bytesAreToldUnlessTheyAreSwitchedOff() {
    signals
        .edge(Samples.gatewayToSearch("v1"))
        .record(0, Outcome.http(200, Optional.empty()), 1, 17, 4096);

    assertThat(only("istio_request_bytes_sum{")).endsWith(" 17.0");
    assertThat(only("istio_response_bytes_sum{")).endsWith(" 4096.0");

    MeshSignals frugal = new MeshSignals(1, new Limits(Duration.ofMinutes(1), 10, false), ticker);
    frugal
        .edge(Samples.gatewayToSearch("v1"))
        .record(0, Outcome.http(200, Optional.empty()), 1, 1, 1);
    try (PrometheusMetrics less = new PrometheusMetrics(frugal)) {
      assertThat(less.scrape()).contains("istio_requests_total{").doesNotContain("_bytes_bucket");
    }
  }

  @Test
  void aGrpcCallTellsProtocolAndStatus() {
    signals
        .edge(Samples.gatewayToSearch("v1"))
        .record(0, Outcome.grpc(200, Optional.empty(), OptionalInt.of(14)), 1, 0, 0);

    assertThat(labels(only("istio_requests_total{")))
        .containsEntry("request_protocol", "grpc")
        .containsEntry("grpc_response_status", "14");
  }

  @Test
  void messagesOfGrpcAreToldByEdgeAndFlagWithoutCodes() {
    EdgeSignals edge = signals.edge(Samples.gatewayToSearch("v1"));
    int well = Outcome.grpc(200, Optional.empty(), OptionalInt.of(0));
    int badly = Outcome.grpc(200, Optional.empty(), OptionalInt.of(14));
    int cut = Outcome.grpc(200, Optional.of(Cause.CLIENT_GONE), OptionalInt.empty());
    edge.record(0, well, 1, 0, 0);
    edge.messages(0, well, new Messages(2, 30));
    edge.record(1, well, 1, 0, 0);
    edge.messages(1, well, new Messages(1, 1));
    edge.record(0, badly, 1, 0, 0);
    edge.messages(0, badly, new Messages(4, 0));
    edge.record(0, cut, 1, 0, 0);
    edge.messages(0, cut, new Messages(9, 5));
    edge.record(0, Outcome.http(200, Optional.empty()), 1, 7, 7);

    assertThat(byFlag("istio_request_messages_total{"))
        .containsOnly(Map.entry("-", 7.0), Map.entry("DC", 9.0));
    assertThat(byFlag("istio_response_messages_total{"))
        .containsOnly(Map.entry("-", 31.0), Map.entry("DC", 5.0));
    Map<String, String> labels = labels(lines("istio_request_messages_total{").get(0));
    Map<String, String> call = labels(lines("istio_requests_total{").get(0));
    assertThat(labels).containsEntry("request_protocol", "grpc");
    assertThat(call.keySet())
        .containsAll(labels.keySet())
        .hasSize(labels.size() + 2)
        .contains("response_code", "grpc_response_status");
  }

  private static double number(String line) {
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }

  private Map<String, Double> byFlag(String series) {
    Map<String, Double> all = new TreeMap<>();
    for (String line : lines(series)) {
      assertThat(all.put(labels(line).get("response_flags"), number(line))).as(line).isNull();
    }
    return all;
  }

  @Test
  void aHostileLabelStaysInItsLabel() {
    EdgeLabels plain = Samples.gatewayToSearch("v1");
    String hostile = "x\"} 1\nistio_requests_total{evil=\"\\";
    EdgeLabels evil =
        new EdgeLabels(
            plain.reporter(),
            plain.source(),
            plain.destination(),
            new EdgeLabels.DestinationService(hostile, "search", "prod"),
            plain.security());

    signals.edge(evil).record(0, Outcome.http(200, Optional.empty()), 1, 0, 0);

    assertThat(labels(only("istio_requests_total{")))
        .hasSize(25)
        .containsEntry("destination_service", "x\\\"} 1\\nistio_requests_total{evil=\\\"\\\\");
  }

  @Test
  void saturationIsToldFromItsSuppliers() {
    Saturation saturation = new Saturation(signals);
    saturation.clusters(
        () ->
            List.of(
                new Saturation.Cluster(
                    "outbound|80|v1|search", 3, 2, 1, 4, 1, Saturation.Breaker.OPEN, 9)));
    saturation.config(() -> new Saturation.Config("v43", ticker.epochMillis() - 90_000, 2), ticker);
    saturation.findings(() -> Map.of("WF122", 3L));
    saturation.certificates(() -> Map.of("spiffe://x/ns/a/sa/b", 1_800_000_000_000L));
    saturation.refusals(() -> Map.of("plaintext", 5L));
    saturation.accessLog(() -> 7);
    saturation.waits(() -> Map.of("outbound|80|v1|search", 4L), () -> Map.of("x", 1_500_000_000L));
    saturation.overflow(() -> Map.of("edges", 11L));
    long[] buckets = new long[Histogram.BUCKETS];
    buckets[2] = 2;
    Histogram slow = Histogram.of(buckets, 8);
    RuleCounts rules = new RuleCounts();
    Decision decision =
        Samples.exchange("/", MultiMap.caseInsensitiveMultiMap(), ticker).decision();
    rules.count(decision, false, 3_000_000);
    rules.count(decision, true, 4_000_000);
    RuleSignals.tell(signals, rules);
    saturation.loops(() -> List.of(slow));

    String text = metrics.scrape();

    assertThat(text)
        .contains("weft_config_findings{code=\"WF122\"} 3.0")
        .contains("weft_upstream_in_flight{cluster=\"outbound|80|v1|search\"} 3.0")
        .contains("weft_upstream_connections{cluster=\"outbound|80|v1|search\"} 2.0")
        .contains("weft_upstream_pending{cluster=\"outbound|80|v1|search\"} 1.0")
        .contains(
            "weft_upstream_endpoints{cluster=\"outbound|80|v1|search\",state=\"unhealthy\"} 1.0")
        .contains("weft_breaker_state{cluster=\"outbound|80|v1|search\"} 2.0")
        .contains("weft_retry_budget_tokens{cluster=\"outbound|80|v1|search\"} 9.0")
        .contains("weft_config_version{version=\"v43\"} 1.0")
        .contains("weft_config_age_seconds 90.0")
        .contains("weft_config_rejected_total 2.0")
        .contains(
            "weft_certificate_expiry_timestamp_seconds{identity=\"spiffe://x/ns/a/sa/b\"} 1.8E9")
        .contains("weft_refusals_total{reason=\"plaintext\"} 5.0")
        .contains("weft_access_log_dropped_total 7.0")
        .contains("weft_upstream_waited_total{cluster=\"outbound|80|v1|search\"} 4.0")
        .contains("weft_upstream_waited_seconds_total{cluster=\"x\"} 1.5")
        .contains("weft_signals_overflow_total{kind=\"edges\"} 11.0")
        .contains("weft_route_requests_total{route=\"default/search#0\"} 2.0")
        .contains("weft_route_failures_total{route=\"default/search#0\"} 1.0")
        .contains(
            "weft_route_duration_milliseconds_bucket{route=\"default/search#0\",le=\"1.0\"} 0")
        .contains(
            "weft_route_duration_milliseconds_bucket{route=\"default/search#0\",le=\"5.0\"} 2")
        .contains("weft_event_loop_delay_milliseconds_sum{loop=\"0\"} 8.0");
  }

  @Test
  void aSupplierThatFailsLosesOnlyItsOwnMetric() {
    signals.gauge(
        new Family("weft_broken", "Fails.", List.of()),
        () -> {
          throw new IllegalStateException("not there");
        });
    Runnable takeBack =
        signals.gauge(
            new Family("weft_whole", "Works.", List.of()), () -> List.of(new Sample(List.of(), 1)));

    signals.histogram(
        new Family("weft_torn", "Fails, too.", List.of()),
        scrape -> {
          throw new IllegalStateException("not there");
        });
    signals.histogram(
        new Family("weft_spread", "Works.", List.of()),
        scrape -> List.of(new Spread(List.of(), Histogram.of(new long[Histogram.BUCKETS], 0))));

    assertThat(metrics.scrape())
        .contains("weft_whole 1.0", "weft_spread_count 0")
        .contains("weft_scrape_failures_total{family=\"weft_broken\"} 1.0")
        .contains("weft_scrape_failures_total{family=\"weft_torn\"} 1.0")
        .doesNotContain("\nweft_broken", "\nweft_torn");

    takeBack.run();
    assertThat(metrics.scrape())
        .contains("weft_scrape_failures_total{family=\"weft_torn\"} 2.0")
        .doesNotContain("weft_whole");
  }

  @Test
  void theJvmAndVertxAreInTheSameScrapeAndTwoProxiesShareNothing() throws Exception {
    PrometheusMetrics other = new PrometheusMetrics(new MeshSignals(1, Limits.DEFAULT, ticker));
    Vertx one = vertx(metrics);
    Vertx two = vertx(other);
    try {
      one.eventBus().consumer("only.here", message -> {});

      assertThat(metrics.scrape())
          .contains("jvm_memory_used_bytes{")
          .contains("vertx_eventbus_handlers 1.0");
      assertThat(other.scrape())
          .contains("jvm_memory_used_bytes{")
          .doesNotContain("vertx_eventbus_handlers 1.0");
    } finally {
      one.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
      two.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
      other.close();
    }
  }

  private static Vertx vertx(PrometheusMetrics metrics) {
    return Vertx.builder()
        .with(new VertxOptions().setMetricsOptions(metrics.vertxOptions()))
        .withMetrics(metrics.vertxFactory())
        .build();
  }

  private List<String> lines(String prefix) {
    return metrics.scrape().lines().filter(line -> line.startsWith(prefix)).toList();
  }

  private String only(String prefix) {
    List<String> found = lines(prefix);
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private static Map<String, String> labels(String line) {
    Map<String, String> labels = new TreeMap<>();
    Matcher matcher = LABEL.matcher(line);
    while (matcher.find()) {
      labels.put(matcher.group(1), matcher.group(2));
    }
    return labels;
  }

  private static long value(String line) {
    return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
  }
}
