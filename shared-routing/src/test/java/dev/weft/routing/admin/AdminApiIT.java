package dev.weft.routing.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.admin.RawClient.Answer;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.telemetry.AccessLine;
import dev.weft.routing.telemetry.EdgeSignals;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.MeshSignals.Limits;
import dev.weft.routing.telemetry.RequestSignals;
import dev.weft.routing.telemetry.RequestSignals.Noted;
import dev.weft.routing.telemetry.Samples;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.Tap.Filter;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class AdminApiIT {

  private final FakeSource source = new FakeSource();
  private final Tap tap = new Tap();
  private final List<AccessLine.Entry> past = new CopyOnWriteArrayList<>();
  private final HandTicker ticker = new HandTicker();
  private final EdgeSignals edge =
      new MeshSignals(1, Limits.DEFAULT, ticker).edge(Samples.gatewayToSearch("v1"));
  private Vertx vertx;
  private AdminApi api;
  private int port;

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx();
    api = new AdminApi(vertx, source, tap, () -> past);
    port = opened(api.router(new AdminGuard(Set.of("gateway.prod"))));
  }

  @AfterEach
  void close() throws Exception {
    done(vertx.close());
  }

  @Test
  void theFirstPageListsAllOthers() throws Exception {
    Answer answer = RawClient.get(port, "/");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body())
        .contains("/ready", "/healthz", "/metrics", "/config", "/routes", "/clusters")
        .contains("/certs", "/explain", "/loglevel", "/drain", "/tap");
    assertThat(answer.head())
        .contains("cache-control: no-store", "x-content-type-options: nosniff");
  }

  @Test
  void readyTellsWhatIsMissingUntilNothingIs() throws Exception {
    source.missing = List.of("no identity yet", "no configuration yet");

    Answer missing = RawClient.get(port, "/ready");
    source.missing = List.of();
    Answer ready = RawClient.get(port, "/ready");

    assertThat(missing.status()).isEqualTo(503);
    assertThat(missing.body())
        .isEqualTo("{\"ready\":false,\"reasons\":[\"no identity yet\",\"no configuration yet\"]}");
    assertThat(ready.status()).isEqualTo(200);
    assertThat(ready.body()).isEqualTo("{\"ready\":true}");
    assertThat(RawClient.get(port, "/healthz").status()).isEqualTo(200);
  }

  @Test
  void valuesAreShownAsJson() throws Exception {
    JsonObject config = new JsonObject(RawClient.get(port, "/config").body());
    JsonObject routes = new JsonObject(RawClient.get(port, "/routes").body());
    JsonObject clusters = new JsonObject(RawClient.get(port, "/clusters").body());
    JsonObject certs = new JsonObject(RawClient.get(port, "/certs").body());

    assertThat(config.getString("version")).isEqualTo("v43");
    assertThat(config.getString("applied")).isEqualTo("2026-11-24T12:00:00Z");
    assertThat(config.getJsonObject("lint"))
        .isEqualTo(new JsonObject().put("state", "done").put("took_ms", 7).put("findings", 1));
    assertThat(config.getJsonArray("problems").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("severity", "warning")
                .put("code", "WF121")
                .put("file", "search.yaml")
                .put("line", 14)
                .put("column", 17)
                .put("path", "spec.http[0]")
                .put("message", "subset 'v3' is not defined")
                .put("hint", "write v2"));
    assertThat(routes.getJsonArray("routes").getJsonObject(0).getJsonArray("shares").encode())
        .isEqualTo("[{\"cluster\":\"outbound|80|v1|search\",\"weight\":95}]");
    JsonObject endpoint =
        clusters
            .getJsonArray("clusters")
            .getJsonObject(0)
            .getJsonArray("endpoints")
            .getJsonObject(0);
    assertThat(endpoint.getString("health")).isEqualTo("ejected");
    assertThat(endpoint.encode())
        .endsWith(
            "\"weight\":3,\"locality\":\"eu/a\",\"group_share\":0.3,\"warm_up\":0.5,\"group\":1,"
                + "\"latency_ms\":12.5}");
    assertThat(certs.getJsonArray("certificates").getJsonObject(0).getString("not_after"))
        .isEqualTo("2026-11-25T12:00:00Z");
    assertThat(certs.getJsonArray("faults").getJsonObject(0).encode())
        .isEqualTo("{\"kind\":\"acme\",\"of\":\"prod/shop\",\"message\":\"too many\"}");
  }

  @Test
  void metricsAreTextAndSmallPortsShowNothingElse() throws Exception {
    int metrics = opened(api.metricsRouter());
    int health = opened(api.healthRouter());

    Answer text = RawClient.ask(metrics, "GET /metrics HTTP/1.1\r\nHost: 10.42.0.2:15020\r\n");

    assertThat(text.status()).isEqualTo(200);
    assertThat(text.head()).contains("content-type: text/plain; version=0.0.4; charset=utf-8");
    assertThat(text.body()).startsWith("istio_requests_total{");
    assertThat(RawClient.get(metrics, "/config").status()).isEqualTo(404);
    assertThat(RawClient.post(metrics, "/drain").status()).isEqualTo(404);
    assertThat(RawClient.get(health, "/ready").status()).isEqualTo(200);
    assertThat(RawClient.get(health, "/metrics").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: evil.test\r\n",
        "Host: 127.evil.test\r\n",
        "Host: 127.0.0.1.evil.test\r\n",
        "Host: localhost.evil.test:15000\r\n",
        "Host: 10.1.2.3\r\n",
        "Host: \r\n",
        "",
        "Host: localhost\r\nOrigin: http://evil.test\r\n",
        "Host: localhost\r\nOrigin: https://localhost\r\n",
        "Host: localhost\r\nOrigin: null\r\n",
      })
  void aForeignPageIsRefused(String headers) throws Exception {
    Answer answer = RawClient.ask(port, "GET /config HTTP/1.1\r\n" + headers);

    assertThat(answer.status()).isBetween(400, 403);
    assertThat(answer.body()).doesNotContain("v43");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: localhost\r\n",
        "Host: LOCALHOST:15000\r\n",
        "Host: 127.0.0.1:15000\r\n",
        "Host: [::1]:15000\r\n",
        "Host: gateway.prod\r\n",
        "Host: localhost:15000\r\nOrigin: http://localhost:15000\r\n",
      })
  void ourOwnNamesAreTaken(String headers) throws Exception {
    assertThat(RawClient.ask(port, "GET /config HTTP/1.1\r\n" + headers).status()).isEqualTo(200);
  }

  @Test
  void aChangeNeedsItsHeader() throws Exception {
    String bare = "POST /drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n";

    Answer refused = RawClient.ask(port, bare);

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body()).contains("x-weft-admin");
    assertThat(source.drains).hasValue(0);
    assertThat(RawClient.post(port, "/drain").status()).isEqualTo(202);
    assertThat(source.drains).hasValue(1);
  }

  @Test
  void explainAnswersForMachinesAndForPeople() throws Exception {
    String question =
        "/explain?method=POST&url=http://a/b%3Fc%3Dd&header=x-user:%20beta&header=a:b";

    assertThat(RawClient.get(port, question).body())
        .isEqualTo(
            "{\"method\":\"POST\",\"url\":\"http://a/b?c=d\",\"headers\":\"[x-user=beta, a=b]\"}");
    assertThat(RawClient.get(port, question + "&output=text").body())
        .isEqualTo("YES  every request");
    assertThat(RawClient.get(port, "/explain?method=TLS&url=10.0.0.1:443&sni=a.test").body())
        .isEqualTo(
            "{\"method\":\"TLS\",\"url\":\"10.0.0.1:443\",\"headers\":\"[]\",\"sni\":\"a.test\"}");
    assertThat(RawClient.get(port, "/explain").body()).contains("url: missing");
    assertThat(RawClient.get(port, "/explain?url=http://a&header=x").status()).isEqualTo(400);
    Answer wrong = RawClient.get(port, "/explain?url=ftp://a");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.body()).isEqualTo("{\"error\":\"url: ftp://a (expected: http://...)\"}");
  }

  @Test
  void levelsAreShownAndChanged() throws Exception {
    assertThat(RawClient.get(port, "/loglevel").body()).isEqualTo("{\"root\":\"INFO\"}");

    Answer changed = RawClient.post(port, "/loglevel?logger=dev.weft&level=debug");

    assertThat(changed.body()).isEqualTo("{\"dev.weft\":\"debug\",\"root\":\"INFO\"}");
    Answer wrong = RawClient.post(port, "/loglevel?logger=dev.weft&level=loud");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.body()).contains("level: loud (expected: info or debug)");
    assertThat(RawClient.post(port, "/loglevel").status()).isEqualTo(400);
  }

  @Test
  void whatIsNotThereOrTooLongIsSaid() throws Exception {
    String large =
        "POST /drain HTTP/1.1\r\nHost: localhost\r\nx-weft-admin: 1\r\nContent-Length: 5000\r\n";

    assertThat(RawClient.get(port, "/nothing").status()).isEqualTo(404);
    assertThat(RawClient.get(port, "/drain").status()).isEqualTo(405);
    assertThat(RawClient.post(port, "/config").status()).isEqualTo(405);
    assertThat(RawClient.ask(port, large).status()).isEqualTo(413);
    assertThat(source.drains).hasValue(0);
  }

  @Test
  void aPageThatFailsTellsNoSecret() throws Exception {
    source.broken = true;

    Answer answer = RawClient.get(port, "/config");

    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.body()).isEqualTo("{\"error\":\"this page failed; the log tells why\"}");
  }

  @Test
  void aTakenPortIsAFailure() throws Exception {
    Future<AdminServer> second =
        AdminServer.listen(vertx, AdminServer.LOOPBACK, port, api.healthRouter());

    assertThat(settled(second).cause()).isInstanceOf(java.net.BindException.class);
  }

  @Test
  void theTapShowsPastAndPresentOfWhatWasAskedFor() throws Exception {
    past.addAll(List.of(entry(501), entry(200), entry(502), entry(503)));
    try (RawClient reader = tapping("/tap?status=5xx&cluster=search&last=2")) {
      assertThat(statusOf(reader.next("data: "))).isEqualTo(502);
      assertThat(statusOf(reader.next("data: "))).isEqualTo(503);

      ended(200);
      ended(504);

      assertThat(statusOf(reader.next("data: "))).isEqualTo(504);
    }
  }

  @Test
  void aSampleIsOneOfSoMany() throws Exception {
    try (RawClient reader = tapping("/tap?sample=10")) {
      for (int i = 0; i < 20; i++) {
        ended(200 + i);
      }

      assertThat(statusOf(reader.next("data: "))).isEqualTo(200);
      assertThat(statusOf(reader.next("data: "))).isEqualTo(210);
    }
  }

  @Test
  void whatDoesNotFitIsCounted() throws Exception {
    try (RawClient reader = tapping("/tap")) {
      for (int i = 0; i < 20_000; i++) {
        ended(200);
      }

      assertThat(reader.next("event: ")).isEqualTo("event: missed");
      assertThat(reader.next("data: ")).contains("\"missed\":");
    }
  }

  @Test
  void aReaderThatLeavesCostsNothingMore() throws Exception {
    tapping("/tap").close();

    for (int i = 0; tap.watched() && i < 1000; i++) {
      done(vertx.timer(10, TimeUnit.MILLISECONDS));
    }

    assertThat(tap.watched()).isFalse();
  }

  @Test
  void aReaderThatTakesNothingIsDropped() throws Exception {
    String large = "/" + "x".repeat(50_000);
    RawClient reader = tapping("/tap");

    for (int i = 0; tap.watched() && i < 300; i++) {
      for (int each = 0; each < 100; each++) {
        ended(large, 200);
      }
      done(vertx.timer(50, TimeUnit.MILLISECONDS));
    }

    assertThat(tap.watched()).isFalse();
    reader.close();
  }

  @Test
  void readersAreFewAndWishesAreChecked() throws Exception {
    assertThat(RawClient.get(port, "/tap?status=9").status()).isEqualTo(400);
    assertThat(RawClient.get(port, "/tap?last=999").status()).isEqualTo(400);
    assertThat(RawClient.get(port, "/tap?sample=0").status()).isEqualTo(400);
    List<RawClient> readers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      readers.add(tapping("/tap"));
    }

    assertThat(RawClient.get(port, "/tap").status()).isEqualTo(503);

    for (RawClient reader : readers) {
      reader.close();
    }
  }

  private RawClient tapping(String target) throws Exception {
    RawClient reader = new RawClient(port);
    reader.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(reader.next("HTTP/1.1")).contains("200");
    assertThat(reader.next("content-type")).contains("text/event-stream");
    reader.next(":"); // the first bytes of the stream: from here on all is seen
    return reader;
  }

  private void ended(int status) {
    ended("/", status);
  }

  private void ended(String path, int status) {
    Exchange exchange = Samples.exchange(path, MultiMap.caseInsensitiveMultiMap(), ticker);
    new RequestSignals(Optional.empty(), tap, Noted.DEFAULT)
        .observer((on, reached) -> edge, "v1")
        .ended(exchange, new Ending(status, Optional.empty(), OptionalInt.empty(), 0, 0));
  }

  private AccessLine.Entry entry(int status) {
    List<AccessLine.Entry> caught = new ArrayList<>();
    Runnable end = tap.watch(Filter.ALL, caught::add);
    ended(status);
    end.run();
    return caught.get(0);
  }

  private int opened(Router router) throws Exception {
    return done(AdminServer.listen(vertx, AdminServer.LOOPBACK, 0, router)).port();
  }

  private static int statusOf(String event) {
    return new JsonObject(event.substring("data: ".length())).getInteger("status");
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static <T> Future<T> settled(Future<T> future) throws Exception {
    done(future.transform(any -> Future.succeededFuture()));
    return future;
  }
}
