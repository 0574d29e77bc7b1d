package dev.weft.routing.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.MeshSignals.Limits;
import dev.weft.routing.telemetry.RequestSignals.EdgeFinder;
import dev.weft.routing.telemetry.RequestSignals.Noted;
import dev.weft.routing.telemetry.Tap.Filter;
import dev.weft.routing.telemetry.Tap.Statuses;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class AccessLogTest {

  private final HandTicker ticker = new HandTicker();
  private final MeshSignals signals = new MeshSignals(1, Limits.DEFAULT, ticker);
  private final EdgeSignals edge = signals.edge(Samples.gatewayToSearch("v1"));
  private final Tap tap = new Tap();

  @Test
  void aRequestIsOneLineWithEverythingAboutIt() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AccessLog log = AccessLog.start(() -> out, 16);
    MultiMap headers =
        MultiMap.caseInsensitiveMultiMap()
            .add("user-agent", "curl/8")
            .add("x-request-id", "4bf92f35");
    Exchange exchange = Samples.exchange("/find", headers, ticker);
    exchange.attempt("10.42.0.3:9080", Map.of(), "unknown");
    ticker.turn(Duration.ofNanos(12_345_678));

    new RequestSignals(Optional.of(log), tap, Noted.DEFAULT)
        .observer((on, reached) -> edge, "v42")
        .ended(exchange, answered(200));
    log.close();

    assertThat(parsed(out))
        .singleElement()
        .isEqualTo(
            new JsonObject()
                .put("time", "2026-11-24T12:00:00.000Z")
                .put("method", "GET")
                .put("scheme", "http")
                .put("authority", "search.test")
                .put("path", "/find")
                .put("protocol", "http/1.1")
                .put("status", 200)
                .put("flags", "-")
                .put("duration_ms", 12.346)
                .put("bytes_in", 1)
                .put("bytes_out", 2)
                .put("route", "default/search#0")
                .put("cluster", "outbound|8080|v1|search.prod")
                .put("endpoint", "10.42.0.3:9080")
                .put("attempts", 1)
                .put("config", "v42")
                .put("seed", "000000000005eed5")
                .put("request_id", "4bf92f35")
                .put("principal", "-")
                .put("source", "10.42.0.9:50123")
                .put("port", 8080)
                .put("user_agent", "curl/8"));
  }

  @Test
  void aFailureTellsCauseAndWholeChain() throws Exception {
    String detail = "route default/search#0: endpoint 10.42.0.3:9080: connect refused";
    Ending ending =
        new Ending(
            503,
            Optional.of(new ProxyFailure(ProxyFailure.Cause.CONNECT_REFUSED, detail)),
            OptionalInt.of(14),
            0,
            0);

    JsonObject line = line(Samples.exchange("/", grpc(), ticker), ending, Noted.DEFAULT);

    assertThat(line.getString("flags")).isEqualTo("UF");
    assertThat(line.getString("cause")).isEqualTo("connect_refused");
    assertThat(line.getString("detail")).isEqualTo(detail);
    assertThat(line.getInteger("grpc_status")).isEqualTo(14);
  }

  @Test
  void whateverAClientSendsStaysInItsField() throws Exception {
    for (String hostile :
        List.of(
            "\",\"status\":200,\"x\":\"",
            "a\r\n{\"status\":200}",
            "\u0000\u0007\u001b[2J\u007f\u009b\u2028\u2029",
            "\\u0022\\",
            "\ud83d broken \ude00 \ud83d\ude00",
            "ä\u00ff",
            "x".repeat(100_000))) {
      Exchange exchange =
          Samples.exchange(
              "/" + hostile, MultiMap.caseInsensitiveMultiMap().add("user-agent", hostile), ticker);

      ByteArrayOutputStream out = new ByteArrayOutputStream();
      AccessLog log = AccessLog.start(() -> out, 16);
      new RequestSignals(Optional.of(log), tap, Noted.DEFAULT)
          .observer((on, reached) -> edge, "v1")
          .ended(exchange, answered(200));
      log.close();

      String text = out.toString(StandardCharsets.ISO_8859_1);
      assertThat(text.chars().filter(each -> each < ' ' || each > 127)).containsExactly((int) '\n');
      assertThat(parsed(out))
          .singleElement()
          .satisfies(
              line -> {
                assertThat(line.getString("path")).isEqualTo("/" + hostile);
                assertThat(line.getString("user_agent")).isEqualTo(hostile);
                assertThat(line.getInteger("status")).isEqualTo(200);
                assertThat(line.fieldNames()).hasSize(22);
              });
    }
  }

  @Test
  void furtherHeadersAreNotedAndSecretsRedacted() throws Exception {
    MultiMap headers =
        MultiMap.caseInsensitiveMultiMap()
            .add("Authorization", "Bearer secret")
            .add("Cookie", "session=secret")
            .add("X-User", "beta")
            .add("user-agent", "secret");
    Noted noted =
        new Noted(
            List.of("authorization", "Cookie", "x-user", "absent"),
            Set.of("authorization", "cookie", "user-agent"));

    JsonObject line = line(Samples.exchange("/", headers, ticker), answered(200), noted);

    assertThat(line.encode()).doesNotContain("secret");
    assertThat(line.getString("user_agent")).isEqualTo("[redacted]");
    assertThat(line.getJsonObject("headers"))
        .isEqualTo(
            new JsonObject()
                .put("authorization", "[redacted]")
                .put("cookie", "[redacted]")
                .put("x-user", "beta"));
  }

  @Test
  void whatDoesNotFitIsDroppedAndCounted() throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    ByteArrayOutputStream out =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int from, int length) {
            writing.countDown();
            awaited(go);
            super.write(bytes, from, length);
          }
        };
    AccessLog log = AccessLog.start(() -> out, 8);
    log.offer(entry(200));
    awaited(writing);

    for (int i = 0; i < 20; i++) {
      log.offer(entry(200));
    }

    assertThat(log.dropped()).isEqualTo(12);
    go.countDown();
    log.close();
    assertThat(parsed(out)).hasSize(9);
  }

  @Test
  void afterAFileWasMovedAwayLinesGoToANewOne(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("access.log");
    Path moved = folder.resolve("access.log.1");
    AccessLog log = AccessLog.start(AccessLog.Target.file(file), 16);
    log.offer(entry(200));
    seen(log, 1);
    Files.move(file, moved);

    log.offer(entry(503));
    log.close();

    assertThat(Files.readString(moved)).contains("\"status\":200").doesNotContain("503");
    assertThat(Files.readString(file)).contains("\"status\":503").doesNotContain("200,");
  }

  @Test
  void linesThatCannotBeWrittenAreCountedAndLaterOnesAreWritten() throws Exception {
    ByteArrayOutputStream good = new ByteArrayOutputStream();
    List<OutputStream> streams = new ArrayList<>(List.of(full(), good));
    AccessLog log = AccessLog.start(() -> streams.remove(0), 16);
    log.offer(entry(200));
    seen(log, 1);

    log.offer(entry(503));
    log.close();

    assertThat(log.dropped()).isEqualTo(1);
    assertThat(parsed(good))
        .singleElement()
        .extracting(line -> line.getInteger("status"))
        .isEqualTo(503);
  }

  @Test
  void aTargetThatCannotBeOpenedIsSaidAtOnce(@TempDir Path folder) {
    Path absent = folder.resolve("no/such/folder");

    assertThatThrownBy(() -> AccessLog.start(AccessLog.Target.file(absent), 16))
        .isInstanceOf(IOException.class);
  }

  @Test
  void theLastEntriesAreKeptAndOfThoseBeforeThemTheLastThatFailed() throws Exception {
    AccessLog log = AccessLog.start(OutputStream::nullOutputStream, 1024);
    for (int i = 0; i < 400; i++) {
      log.offer(entry(i < 200 ? 500 + i / 2 : i - 100));
    }
    log.close();

    List<Integer> kept = log.last().stream().map(one -> one.status().orElseThrow()).toList();
    assertThat(kept.subList(0, 128)).startsWith(536).endsWith(599);
    assertThat(kept.subList(128, 256)).startsWith(172).endsWith(299).isSorted();
    assertThat(kept).hasSize(256);
  }

  @Test
  void afterCloseNothingIsTaken() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AccessLog log = AccessLog.start(() -> out, 16);
    log.close();

    log.offer(entry(200));

    assertThat(log.dropped()).isEqualTo(1);
    assertThat(out.size()).isZero();
  }

  @Test
  void theTapShowsWhatItsFilterLetsThroughAndNothingAfterwards() {
    List<Integer> seen = new ArrayList<>();
    RequestSignals requests = new RequestSignals(Optional.empty(), tap, Noted.DEFAULT);
    Runnable end =
        tap.watch(
            new Filter(Statuses.of("5xx").orElseThrow(), "search", "", "", "", 0),
            entry -> seen.add(entry.status().orElse(0)));

    assertThat(tap.watched()).isTrue();
    requests.observer((on, reached) -> edge, "v1").ended(exchange(), answered(200));
    requests.observer((on, reached) -> edge, "v1").ended(exchange(), answered(503));
    end.run();
    requests.observer((on, reached) -> edge, "v1").ended(exchange(), answered(504));

    assertThat(seen).containsExactly(503);
    assertThat(tap.watched()).isFalse();
    assertThat(new Filter(Statuses.ANY, "other", "", "", "", 0).accepts(entry(200))).isFalse();
  }

  @Test
  void statusesAreReadOrRefused() {
    assertThat(Statuses.of("503")).contains(new Statuses(503, 503));
    assertThat(Statuses.of("4xx")).contains(new Statuses(400, 499));
    assertThat(Statuses.of("6xx")).isEmpty();
    assertThat(Statuses.of("50")).isEmpty();
    assertThat(Statuses.of("٥٠٣")).isEmpty();
  }

  @Test
  void theEdgeCountsWithProtocolAndDuration() {
    Exchange exchange = Samples.exchange("/", grpc(), ticker);
    ticker.turn(Duration.ofMillis(4));

    new RequestSignals(Optional.empty(), tap, Noted.DEFAULT)
        .observer((on, reached) -> edge, "v1")
        .ended(exchange, new Ending(200, Optional.empty(), OptionalInt.of(0), 1, 2));

    assertThat(signals.readings())
        .singleElement()
        .satisfies(
            reading -> {
              assertThat(Outcome.protocol(reading.outcome())).isEqualTo("grpc");
              assertThat(reading.durationMillis().sum()).isEqualTo(4);
            });
  }

  @Test
  void anExchangeThatReachedNobodyCountsOnTheEdgeToNobody() {
    EdgeSignals nobody = signals.edge(Samples.gatewayToSearch("unknown"));
    List<Boolean> asked = new ArrayList<>();
    EdgeFinder edges =
        (exchange, reached) -> {
          asked.add(reached);
          return reached ? edge : nobody;
        };
    ExchangeObserver observer =
        new RequestSignals(Optional.empty(), tap, Noted.DEFAULT).observer(edges, "v1");
    Exchange tried = exchange();
    tried.attempt("10.42.0.3:9080", Map.of(), "unknown");
    Ending refused = failed(Cause.CONNECT_REFUSED);

    observer.ended(exchange(), failed(Cause.NO_ROUTE)); // never left this proxy
    observer.ended(tried, refused);
    observer.ended(tried, failed(Cause.UPSTREAM_RESET)); // came to a workload, which broke off
    observer.ended(tried, new Ending(200, Optional.empty(), OptionalInt.empty(), 0, 2));

    assertThat(asked).containsExactly(false, false, true, true);
  }

  private static Ending failed(Cause cause) {
    ProxyFailure failure = new ProxyFailure(cause, "endpoint 10.42.0.3:9080: it broke");
    return new Ending(cause.status(), Optional.of(failure), OptionalInt.empty(), 0, 0);
  }

  private JsonObject line(Exchange exchange, Ending ending, Noted noted) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AccessLog log = AccessLog.start(() -> out, 16);
    new RequestSignals(Optional.of(log), tap, noted)
        .observer((on, reached) -> edge, "v1")
        .ended(exchange, ending);
    log.close();
    return parsed(out).get(0);
  }

  private Exchange exchange() {
    return Samples.exchange("/", MultiMap.caseInsensitiveMultiMap(), ticker);
  }

  private AccessLine.Entry entry(int status) {
    List<AccessLine.Entry> caught = new ArrayList<>();
    Runnable end = tap.watch(Filter.ALL, caught::add);
    new RequestSignals(Optional.empty(), tap, Noted.DEFAULT)
        .observer((on, reached) -> edge, "v1")
        .ended(exchange(), answered(status));
    end.run();
    return caught.get(0);
  }

  private static Ending answered(int status) {
    return new Ending(status, Optional.empty(), OptionalInt.empty(), 1, 2);
  }

  private static MultiMap grpc() {
    return MultiMap.caseInsensitiveMultiMap().add("content-type", "application/grpc+proto");
  }

  private static OutputStream full() {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        throw new IOException("No space left on device");
      }
    };
  }

  private static void seen(AccessLog log, int entries) {
    while (log.last().size() < entries) { // ends with the test's time
      Thread.onSpinWait();
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private static List<JsonObject> parsed(ByteArrayOutputStream out) {
    return out.toString(StandardCharsets.UTF_8).lines().map(JsonObject::new).toList();
  }
}
