package dev.weft.routing.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.admin.RawClient.Answer;
import dev.weft.routing.admin.dashboard.Dashboard;
import dev.weft.routing.admin.dashboard.Golden;
import dev.weft.routing.admin.dashboard.Totals;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.telemetry.EdgeSignals;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.Histogram;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.MeshSignals.Limits;
import dev.weft.routing.telemetry.Outcome;
import dev.weft.routing.telemetry.Samples;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.rule.FailureCounts.Failed;
import dev.weft.routing.telemetry.tcp.Carried;
import dev.weft.routing.telemetry.tcp.TcpSignals;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class DashboardIT {

  private static final String SEARCH = "search.prod.svc.cluster.local";
  private static final String EVIL = "http://evil.example";
  private static final int MOST_READERS = 8;
  private static final String RULE = "default/search#0";

  private final FakeSource source = new FakeSource();
  private final HandTicker ticker = new HandTicker();
  private final MeshSignals signals = new MeshSignals(1, Limits.DEFAULT, ticker);
  private final TcpSignals connections = new TcpSignals(signals);
  private final EdgeSignals edge = signals.edge(Samples.gatewayToSearch("v1"));
  private final List<Failed> failures = new CopyOnWriteArrayList<>();
  private final List<RawClient> readers = new ArrayList<>();
  private volatile Golden chosen = golden(7, 2);
  private Vertx vertx;
  private Dashboard dashboard;
  private int port;

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx();
    Dashboard.Sources sources =
        new Dashboard.Sources(
            "prod/gateway",
            "weft 1",
            source,
            new Dashboard.Counters(signals, Optional.of(connections)),
            () -> Map.of(RULE, chosen),
            () -> failures);
    dashboard = new Dashboard(vertx, sources, ticker);
    AdminApi api = new AdminApi(vertx, source, new Tap(), List::of);
    api.and(dashboard::on);
    port =
        AdminServer.listen(vertx, "127.0.0.1", 0, api.router(new AdminGuard(Set.of())))
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS)
            .port();
  }

  @AfterEach
  void close() throws Exception {
    for (RawClient reader : readers) {
      reader.close();
    }
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void pagesComeWithAStrictPolicy() throws Exception {
    Answer page = RawClient.get(port, "/dashboard/");
    Answer script = RawClient.get(port, "/dashboard/js/main.js");

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.head())
        .contains("content-type: text/html; charset=utf-8", "x-content-type-options: nosniff")
        .contains("referrer-policy: no-referrer", "frame-ancestors 'none'")
        .contains("default-src 'none'", "script-src 'self' 'sha256-")
        .doesNotContain("unsafe");
    assertThat(script.head()).contains("content-type: text/javascript; charset=utf-8");
    assertThat(RawClient.get(port, "/dashboard").status()).isEqualTo(308);
    assertThat(RawClient.get(port, "/dashboard/js/none.js").status()).isEqualTo(404);
    assertThat(RawClient.get(port, "/dashboard/js/..%2f..%2f..%2fAssets.class").status())
        .isEqualTo(404);
  }

  @Test
  void whatABrowserHasIsNotSentAgain() throws Exception {
    String head = RawClient.get(port, "/dashboard/app.css").head();
    String tag = head.substring(head.indexOf("etag: ") + 6).lines().findFirst().orElseThrow();

    Answer again =
        RawClient.ask(
            port,
            "GET /dashboard/app.css HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: " + tag + "\r\n");

    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }

  /** An upgrade mixes nothing: another version's files are not there. */
  @Test
  void whatThePageNamesIsKeptForGoodUnderItsVersion() throws Exception {
    String page = RawClient.get(port, "/dashboard/").body();
    Matcher named = Pattern.compile("src=\"(([0-9a-f]{16})/js/main\\.js)\"").matcher(page);
    assertThat(named.find()).isTrue();
    String main = "/dashboard/" + named.group(1);

    Answer plain = RawClient.get(port, main);
    Answer zipped =
        RawClient.ask(
            port, "GET " + main + " HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br, gzip\r\n");
    Answer refused =
        RawClient.ask(
            port, "GET " + main + " HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip;q=0\r\n");

    assertThat(plain.head()).contains("cache-control: private, max-age=31536000, immutable");
    assertThat(plain.head()).doesNotContain("content-encoding");
    assertThat(plain.body()).contains("import {h, render");
    assertThat(zipped.head()).contains("content-encoding: gzip", "vary: accept-encoding");
    assertThat(refused.head()).doesNotContain("content-encoding");
    assertThat(RawClient.get(port, "/dashboard/").head()).contains("cache-control: no-cache");
    assertThat(RawClient.get(port, "/dashboard/0123456789abcdef/js/main.js").status())
        .isEqualTo(404);
  }

  @Test
  void foreignPagesSeeNothing() throws Exception {
    Answer foreign = RawClient.ask(port, "GET /dashboard/ HTTP/1.1\r\nHost: evil.example\r\n");
    Answer origin =
        RawClient.ask(
            port,
            "GET /dashboard/api/live HTTP/1.1\r\nHost: localhost\r\nOrigin: " + EVIL + "\r\n");

    assertThat(foreign.status()).isEqualTo(403);
    assertThat(origin.status()).isEqualTo(403);
  }

  @Test
  void aReaderGetsEverythingThenWhatChanges() throws Exception {
    asked(200, 3);
    RawClient reader = reading("");

    assertThat(reader.next("event: ")).isEqualTo("event: snapshot");
    JsonObject all = data(reader);
    assertThat(all.getJsonArray("edges").getJsonObject(0).getString("service")).isEqualTo(SEARCH);
    assertThat(all.getJsonArray("counts").encode()).isEqualTo("[[0,[0,0,[4,3]]]]");
    assertThat(all.getJsonObject("rules").encode()).isEqualTo("{\"default/search#0\":[2,0,[3,7]]}");
    assertThat(all.getJsonObject("state").getString("name")).isEqualTo("prod/gateway");
    assertThat(all.getJsonObject("upstreams").getJsonObject("outbound|80|v1|search")).isNotNull();

    asked(503, 1);

    JsonObject change = data(reader);
    while (change.getJsonArray("counts").isEmpty()) {
      change = data(reader);
    }
    assertThat(change.getJsonArray("counts").encode()).isEqualTo("[[0,[1,0,[4,4]]]]");
    assertThat(change.getJsonArray("edges")).isEmpty();
    assertThat(change.getJsonObject("state")).isEmpty();
  }

  @Test
  void connectionsThatAreNotHttpAreToldWithTheirBytes() throws Exception {
    RawClient reader = reading("");
    assertThat(data(reader).getJsonArray("edges")).isEmpty();
    TcpSignals.Counts counts = connections.edge(Samples.gatewayToSearch("v1"));

    counts.opened();
    counts.sent(2_000);
    counts.received(30);
    JsonObject change = data(reader);
    while (change.getJsonArray("counts").isEmpty()) {
      change = data(reader);
    }
    ticker.turn(Duration.ofSeconds(10));
    dashboard.step();
    JsonObject hour =
        new JsonObject(RawClient.get(port, "/dashboard/api/service?host=" + SEARCH).body());
    JsonObject totals = new JsonObject(RawClient.get(port, "/dashboard/api/totals").body());

    assertThat(change.getJsonArray("counts").encode()).isEqualTo("[[0,[0,0,[],[1,0,2000,30]]]]");
    assertThat(hour.getJsonArray("series").getJsonObject(0).getJsonArray("points").encode())
        .isEqualTo("[[0,[0,0,[],[1,0,2000,30]]]]");
    assertThat(Totals.read(totals).edges().values())
        .extracting(Golden::carried)
        .containsExactly(new Carried(1, 0, 2_000, 30));
  }

  @Test
  void whoComesBackGoesOnWhereItWas() throws Exception {
    RawClient other = reading(""); // keeps it going meanwhile
    RawClient reader = reading("");
    String id = reader.next("id: ").substring(4);
    reader.close();
    asked(503, 2);
    other.next("id: ");
    while (data(other).getJsonArray("counts").isEmpty()) {
      other.next("event: ");
    }

    RawClient again = reading(id);

    assertThat(again.next("event: ")).isEqualTo("event: delta");
    assertThat(reading("stale-1").next("event: ")).isEqualTo("event: snapshot");
  }

  @Test
  void theLastHourOfARuleIsToldByStep() throws Exception {
    step();
    chosen = golden(27, 3);
    step();
    step(); // nothing came
    chosen = golden(28, 3);
    step();

    JsonObject hour =
        new JsonObject(
            RawClient.get(port, "/dashboard/api/route?name=default%2Fsearch%230").body());
    JsonObject other =
        new JsonObject(RawClient.get(port, "/dashboard/api/route?name=other").body());

    assertThat(hour.getJsonArray("times")).hasSize(4);
    assertThat(hour.getJsonArray("series").getJsonObject(0).getJsonArray("points").encode())
        .isEqualTo("[[0,[2,0,[3,7]]],[1,[1,0,[3,20]]],[3,[0,0,[3,1]]]]");
    assertThat(other.getJsonArray("series")).isEmpty();
    assertThat(RawClient.get(port, "/dashboard/api/route").status()).isEqualTo(400);
  }

  @Test
  void failuresAreToldWithWhatTheyMean() throws Exception {
    failures.add(new Failed("default/search#0", SEARCH, Cause.BREAKER_OPEN, 3, 1_000, "older"));
    failures.add(
        new Failed("default/search#0", SEARCH, Cause.CONNECT_REFUSED, 7, 2_000, "<b>port 1</b>"));

    JsonObject told = new JsonObject(RawClient.get(port, "/dashboard/api/failures").body());
    JsonObject causes = new JsonObject(RawClient.get(port, "/dashboard/api/causes").body());

    assertThat(told.getJsonArray("failures").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("rule", "default/search#0")
                .put("service", SEARCH)
                .put("cause", "connect_refused")
                .put("requests", 7)
                .put("last", 2_000)
                .put("detail", "<b>port 1</b>"));
    assertThat(told.getJsonArray("failures")).hasSize(2);
    for (Cause cause : Cause.values()) {
      JsonObject one = causes.getJsonObject(cause.word());
      assertThat(one).as(cause.word()).isNotNull();
      assertThat(one.getString("means")).as(cause.word()).isNotBlank().doesNotContain("`", "](");
      assertThat(one.getString("do")).as(cause.word()).isNotBlank().doesNotContain("`", "](");
    }
    assertThat(causes.size()).isEqualTo(Cause.values().length);
  }

  @Test
  void onlySoManyReadAtOnce() throws Exception {
    for (int i = 0; i < MOST_READERS; i++) {
      reading("").next("event: ");
    }

    Answer refused = RawClient.get(port, "/dashboard/api/live");

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.body()).contains("already 8 readers");
  }

  @Test
  void theLastHourIsAskedForByService() throws Exception {
    asked(200, 2);
    step();

    JsonObject hour =
        new JsonObject(RawClient.get(port, "/dashboard/api/service?host=" + SEARCH).body());
    JsonObject sparks = new JsonObject(RawClient.get(port, "/dashboard/api/services").body());

    assertThat(hour.getJsonArray("series").getJsonObject(0).getString("version")).isEqualTo("v1");
    assertThat(sparks.getJsonObject("services").containsKey(SEARCH)).isTrue();
    assertThat(RawClient.get(port, "/dashboard/api/service").status()).isEqualTo(400);
    assertThat(RawClient.get(port, "/dashboard/api/lines").body()).isEqualTo("{\"excerpts\":[]}");
  }

  private RawClient reading(String lastId) throws Exception {
    RawClient reader = new RawClient(port);
    readers.add(reader);
    String resume = lastId.isEmpty() ? "" : "Last-Event-ID: " + lastId + "\r\n";
    reader.send("GET /dashboard/api/live HTTP/1.1\r\nHost: localhost\r\n" + resume + "\r\n");
    return reader;
  }

  private static JsonObject data(RawClient reader) {
    return new JsonObject(reader.next("data: ").substring(6));
  }

  private void step() {
    ticker.turn(Duration.ofSeconds(10));
    dashboard.step();
  }

  private static Golden golden(long requests, long failed) {
    long[] counts = new long[Histogram.BUCKETS];
    counts[3] = requests;
    return new Golden(failed, 0, Histogram.of(counts, 0));
  }

  private void asked(int status, int times) {
    for (int i = 0; i < times; i++) {
      edge.record(
          0, Outcome.http(status, Optional.empty()), TimeUnit.MILLISECONDS.toNanos(20), 0, 0);
    }
  }
}
