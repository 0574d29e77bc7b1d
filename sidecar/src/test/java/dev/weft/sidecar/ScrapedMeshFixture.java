package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import dev.weft.testkit.prometheus.PrometheusServer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A real Prometheus that scrapes {@link MeasuredMeshFixture} each second while a known traffic goes
 * through.
 *
 * <p>Sums of counters must be exact. A rate is what was counted between the first and the last
 * scrape, stretched to the window's ends: by no more than 1.1 scrapes at each end, and never below.
 * All of its series are there before the first scrape, so that nothing is missing at its beginning.
 */
abstract class ScrapedMeshFixture extends MeasuredMeshFixture {

  static final String REQUESTS = "istio_requests_total";
  static final String SENT = "istio_tcp_sent_bytes_total";
  static final String RECEIVED = "istio_tcp_received_bytes_total";
  static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  static final Duration STEADY = Duration.ofSeconds(14);
  static final int ROUNDS = 600;
  static final double EXACT = 1e-9;

  PrometheusServer prometheus;
  Map<String, Integer> before; // what was sent when the first scrape came
  NetSocket left; // a connection that stays
  Instant at;
  Instant middle;
  double slack; // by how much a rate may be too high

  /**
   * Nine requests to the shop, of which two are slow and one fails, and some of each other kind.
   */
  void cycle() throws Exception {
    for (int i = 0; i < 6; i++) {
      askShop("/find", Map.of());
    }
    askShop("/slow", Map.of());
    askPlainly();
    askShop("/slow", Map.of());
    askShop("/fail", Map.of());
    askNobody();
    call("Do");
    call("Do");
    call("Fail");
  }

  void begin(Path folder) throws Exception {
    open();
    List<String> seen = List.of("search v1 200", "search v2 200", "search v1 500", "search v2 500");
    for (int i = 0; i < ROUNDS && !sent.keySet().containsAll(seen); i++) {
      cycle();
    }
    await(line().close());
    for (int port : admins.values()) {
      assertThat(admin(port, "/metrics")).startsWith("200 ");
    }
    before = new TreeMap<>(sent);
    shopNanos.clear();
    slowestNanos = 0;
    prometheus = PrometheusServer.start(folder, scraping());
  }

  /** Each proxy in the format that Prometheus likes best, and the gateway in the older one too. */
  String scraping() throws Exception {
    StringBuilder text =
        new StringBuilder("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n");
    admins.forEach(
        (name, port) ->
            text.append(
                "- {job_name: %s, static_configs: [{targets: [\"127.0.0.1:%d\"]}]}\n"
                    .formatted(name, port)));
    text.append(
        "- {job_name: text, static_configs: [{targets: [\"127.0.0.1:%d\"]}],"
                .formatted(asText(admins.get("gateway")))
            + " metric_relabel_configs:"
            + " [{action: keep, source_labels: [__name__], regex: weft_config_version}]}\n");
    return text.toString();
  }

  /** A page of metrics for who asks without saying in which format. */
  int asText(int admin) throws Exception {
    var agent = agent(plaintext());
    return await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request ->
                        agent
                            .request(HttpMethod.GET, admin, "127.0.0.1", "/metrics")
                            .compose(Requests::sent)
                            .compose(
                                page ->
                                    page.body()
                                        .compose(
                                            body ->
                                                request
                                                    .response()
                                                    .putHeader(
                                                        "content-type",
                                                        page.getHeader("content-type"))
                                                    .end(body))))
                .listen(FreePorts.next(), "127.0.0.1"))
        .actualPort();
  }

  void scrapedAfter(Instant moment) throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      List<JsonObject> targets = prometheus.targets(); // which it does not know at first
      boolean all =
          targets.size() == admins.size() + 1
              && targets.stream()
                  .allMatch(
                      target ->
                          target.getString("health").equals("up")
                              && Instant.parse(target.getString("lastScrape")).isAfter(moment));
      if (all) {
        return;
      }
      LockSupport.parkNanos(100_000_000);
    }
    throw new AssertionError("not scraped: " + prometheus.targets());
  }

  void steadily() throws Exception {
    scrapedAfter(Instant.EPOCH);
    Instant began = Instant.now();
    while (Instant.now().isBefore(began.plus(STEADY))) {
      cycle();
    }
    left = line();
    await(line().close());
    askShop("/find", Map.of("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01"));
    middle = began.plus(STEADY.dividedBy(2));
    scrapedAfter(Instant.now());
    at = Instant.now();
    double scrapes =
        prometheus.number(
            "min(count_over_time(" + REQUESTS + "[" + ToolQueries.WINDOW_SECONDS + "s]))", at);
    assertThat(scrapes).as("scrapes").isGreaterThan(8);
    slack = 1 + 2 * 1.1 / (scrapes - 1);
  }

  void scrapesAreWell() throws Exception {
    assertThat(prometheus.targets())
        .hasSize(admins.size() + 1)
        .allSatisfy(
            target -> {
              assertThat(target.getString("health")).isEqualTo("up");
              assertThat(target.getString("lastError")).isEmpty();
            });
    Map<List<String>, Double> read = prometheus.asked("scrape_samples_scraped", at, "job");
    assertThat(read.get(List.of("text")))
        .as("about as many in either format")
        .isCloseTo(read.get(List.of("gateway")), withinPercentage(5)); // Vert.x adds some with time
  }

  void exemplars() throws Exception {
    for (String reporter : List.of("source", "destination")) {
      assertThat(
              prometheus
                  .exemplars(
                      "istio_request_duration_milliseconds_bucket{reporter=\"%s\",destination_service_name=\"shop\"}"
                          .formatted(reporter),
                      middle,
                      at)
                  .stream()
                  .map(one -> one.getString("trace_id"))
                  .collect(Collectors.toSet()))
          .as("at the " + reporter)
          .containsExactly(TRACE);
    }
    List<JsonObject> none = prometheus.exemplars("istio_request_bytes_bucket", middle, at);
    assertThat(none).isEmpty();
  }

  int since(String what) {
    return sent(what) - before.getOrDefault(what, 0);
  }

  /** Of rates: no less than happened, and no more than the stretching explains. */
  void rated(Map<List<String>, Double> rates, Map<List<String>, Integer> happened) {
    assertThat(rates.keySet()).containsExactlyInAnyOrderElementsOf(happened.keySet());
    happened.forEach(
        (what, times) ->
            assertThat(rates.get(what) * ToolQueries.WINDOW_SECONDS)
                .as(what + " since the first scrape")
                .isBetween(times - 0.031, times * slack + 0.031)); // some are rounded to 0.001
  }

  static List<String> words(String text) {
    return List.of(text.split(" ", -1));
  }

  static String[] labels(String... further) {
    List<String> all = new ArrayList<>(List.of(ToolQueries.EDGE));
    all.addAll(List.of(further));
    return all.toArray(String[]::new);
  }

  static String service(String name) {
    return "prod " + name + ".prod.svc.cluster.local " + name;
  }

  static String search(String version) {
    return "prod search-" + version + " search " + version;
  }

  /** A high percentile: no more than callers saw at most, no less than slow answers take. */
  void within(double millis) {
    double seen = slowestNanos / 1e6 + 1; // what it takes to look at the clock
    double[] bounds = {25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000};
    double upper = Arrays.stream(bounds).filter(one -> one >= seen).min().orElseThrow();
    assertThat(millis).as("in the bucket of 30 ms or above").isBetween(25.0, upper);
  }

  /** Of rates whose parts are stretched each by itself. */
  void share(double seen, int good, int bad) {
    double lowest = good / (good + bad * slack);
    double highest = good * slack / (good * slack + bad);
    assertThat(seen).isBetween(lowest - EXACT, highest + EXACT);
  }
}
