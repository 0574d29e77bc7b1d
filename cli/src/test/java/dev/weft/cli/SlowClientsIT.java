package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.load.Calls;
import dev.weft.testkit.load.Figures;
import dev.weft.testkit.load.Load;
import dev.weft.testkit.load.LoadReport;
import dev.weft.testkit.load.LoadRun;
import dev.weft.testkit.load.Way;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers who take their time, or do nothing: each is cut at its limit and hurts nobody else. */
@Timeout(300)
final class SlowClientsIT extends ProcessFixture {

  private static final int EACH = Figures.length(150, 1000);
  private static final int AT_ONCE = 250;
  private static final int IDLE = Figures.length(1500, 8000);
  private static final int IDLE_SECONDS = Figures.length(12, 30);
  private static final int LARGE = 16 << 20;
  private static final long MOST_KIB = 24; // of an idle connection
  private static final long MOST_HELD_KIB = 384; // of an answer that nobody reads

  private final AtomicInteger seen = new AtomicInteger(); // requests at the backend
  private final NetClient client =
      vertx.createNetClient(new NetClientOptions().setReceiveBufferSize(4096));

  @BeforeEach
  void served() throws Exception {
    shop(this::answer);
    String limits =
        "{headerTimeout: 3s, requestBodyIdle: 3s, streamIdle: 4s, idleTimeout: %ds, bodyBytes: 100000}"
            .formatted(IDLE_SECONDS);
    settings("{limits: %s}".formatted(limits));
  }

  static <T> T await(Future<T> future) throws Exception {
    return await(future, 120);
  }

  private void answer(HttpServerRequest request) {
    seen.incrementAndGet();
    if (request.path().equals("/large")) {
      PouredBody.answer(request.response(), LARGE);
    } else {
      request.body().onSuccess(body -> request.response().end("quick"));
    }
  }

  /** Those who are not slow; they let go of a connection before the gateway would. */
  private static Load others(int port) {
    int seconds = IDLE_SECONDS / 3;
    HttpClientOptions options =
        new HttpClientOptions().setKeepAliveTimeout(seconds).setHttp2KeepAliveTimeout(seconds);
    Way kept = new Way("kept", options, new PoolOptions().setHttp1MaxSize(500));
    HttpClientOptions multiplexed =
        new HttpClientOptions(options)
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false);
    Way http2 = new Way("http2", multiplexed, new PoolOptions());
    Load load = Load.of(port, 60, Duration.ofMinutes(3), Calls.get("shop.test", "/"));
    return load.over(kept, Way.fresh(), http2);
  }

  /**
   * One that said something; {@code answered} at the first byte, {@code closed} with all of them.
   */
  private record Caller(Promise<Void> answered, Promise<String> closed) {}

  /** Connects so many times and says the same, no more at once than a backlog holds. */
  private List<Caller> callers(int count, int port, String bytes, boolean answered)
      throws Exception {
    List<Caller> all = new ArrayList<>();
    while (all.size() < count) {
      List<Future<?>> some = new ArrayList<>();
      for (int i = 0; i < AT_ONCE && all.size() < count; i++) {
        Caller caller = new Caller(Promise.promise(), Promise.promise());
        all.add(caller);
        some.add(
            client.connect(port, "127.0.0.1").onSuccess(socket -> says(socket, bytes, caller)));
        if (answered) {
          some.add(caller.answered.future());
        }
      }
      await(Future.all(some));
    }
    return all;
  }

  private static void says(NetSocket socket, String bytes, Caller caller) {
    Buffer came = Buffer.buffer();
    socket.handler(
        more -> {
          came.appendBuffer(more);
          caller.answered.tryComplete();
        });
    socket.exceptionHandler(reset -> {});
    socket.closeHandler(end -> caller.closed.complete(came.toString()));
    socket.write(bytes);
  }

  /** What came to each until the other side closed. */
  private static List<String> closed(List<Caller> callers) throws Exception {
    return all(callers.stream().map(caller -> caller.closed.future()).toList());
  }

  /** Who asks for much and reads nothing until it is over; then how much came. */
  private List<Future<Long>> readers(int count, int port, Future<?> over) throws Exception {
    List<Future<Long>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      NetSocket socket = await(client.connect(port, "127.0.0.1"));
      AtomicLong came = new AtomicLong();
      Promise<Long> closed = Promise.promise();
      socket.handler(buffer -> came.addAndGet(buffer.length()));
      socket.exceptionHandler(reset -> {});
      socket.closeHandler(end -> closed.complete(came.get()));
      socket.pause();
      socket.write("GET /large HTTP/1.1\r\nhost: shop.test\r\n\r\n");
      over.onComplete(end -> socket.resume());
      all.add(closed.future());
    }
    return all;
  }

  private static <T> List<T> all(List<Future<T>> futures) throws Exception {
    await(Future.join(futures));
    return futures.stream().map(Future::result).toList();
  }

  @Test
  void eachIsCutAtItsLimitAndNobodyElseNotices() throws Exception {
    try (LaunchedGateway gateway = LaunchedGateway.start(folder, config)) {
      gateway.process().says("ready");
      int port = gateway.port;
      LoadRun run = LoadRun.start(vertx, others(port));
      Promise<Void> over = Promise.promise();

      List<Caller> heads = callers(EACH, port, "GET / HTTP/1.1\r\nhost: shop.te", false);
      String part = "POST / HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 99\r\n\r\nfew";
      List<Caller> bodies = callers(EACH, port, part, false);
      List<Future<Long>> readers = readers(EACH, port, over.future());
      List<String> lateHeads = closed(heads);
      List<String> lateBodies = closed(bodies);
      await(vertx.timer(6, TimeUnit.SECONDS)); // for the readers, who cannot see that it is over
      LoadReport beside = await(run.stop());
      untilNothingIsUnderWay(gateway);
      over.complete();
      List<Long> read = all(readers);

      long held = read.stream().mapToLong(bytes -> bytes >> 10).sum() / EACH;
      Figures.tell(
          "slow: %d of each kind, %d KiB on their way to each reader; beside them %s"
              .formatted(EACH, held, beside));
      assertThat(lateHeads).allMatch(answer -> answer.startsWith("HTTP/1.1 408 "));
      assertThat(lateBodies).allMatch(answer -> answer.startsWith("HTTP/1.1 408 "));
      assertThat(read).allMatch(bytes -> bytes < LARGE);
      assertThat(held).isLessThanOrEqualTo(MOST_HELD_KIB);
      assertThat(beside.failures()).as(gateway.process().said()).isEmpty();
      assertThat(gateway.admin("/metrics"))
          .contains("weft_refusals_total{reason=\"slow_head\"} " + EACH);
    }
  }

  private void untilNothingIsUnderWay(LaunchedGateway gateway) throws Exception {
    String metric = "weft_upstream_in_flight{cluster=\"outbound|80||backend.test\"} ";
    String told = gateway.admin("/metrics");
    for (int i = 0; i < 120 && !told.contains(metric + "0"); i++) {
      await(vertx.timer(250, TimeUnit.MILLISECONDS));
      told = gateway.admin("/metrics");
    }
    assertThat(told).contains(metric + "0");
  }

  @Test
  void whoDoesNothingCostsLittleAndGoes() throws Exception {
    try (LaunchedGateway gateway = LaunchedGateway.start(folder, config)) {
      gateway.process().says("ready");
      String request = "GET / HTTP/1.1\r\nhost: shop.test\r\n\r\n";
      String last = request.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
      closed(callers(200, gateway.port, last, true));
      Footprint before = Footprint.of(gateway.process().pid());

      List<Caller> idle = callers(IDLE, gateway.port, request, true);
      Footprint during = Footprint.of(gateway.process().pid());
      LoadRun run = LoadRun.start(vertx, others(gateway.port));
      List<String> gone = closed(idle);
      LoadReport beside = await(run.stop());

      long resident = (during.residentKib() - before.residentKib()) / IDLE;
      long live = (during.liveKib() - before.liveKib()) / IDLE;
      Figures.tell(
          "idle: %d connections, %d KiB resident and %d KiB live each; beside them %s"
              .formatted(IDLE, resident, live, beside));
      assertThat(during.files()).isGreaterThanOrEqualTo(before.files() + IDLE);
      assertThat(resident).isLessThanOrEqualTo(MOST_KIB);
      assertThat(live).isBetween(1L, MOST_KIB);
      assertThat(gone).allMatch(answer -> answer.startsWith("HTTP/1.1 200 "));
      assertThat(beside.failures()).as(gateway.process().said()).isEmpty();
    }
  }

  @Test
  void whatIsTooLargeNeverReachesTheService() throws Exception {
    try (LaunchedGateway gateway = LaunchedGateway.start(folder, config)) {
      gateway.process().says("ready");
      String host = "host: shop.test";

      String head =
          RawHttp.exchange(
              gateway.port,
              RawHttp.lines("GET / HTTP/1.1", host, "x-large: " + "a".repeat(70_000), ""));
      String line =
          RawHttp.exchange(
              gateway.port, RawHttp.lines("GET /" + "a".repeat(20_000) + " HTTP/1.1", host, ""));
      String body =
          RawHttp.exchange(
              gateway.port,
              RawHttp.lines("POST / HTTP/1.1", host, "content-length: 100001", "", "a"));

      assertThat(head).startsWith("HTTP/1.1 431 ");
      assertThat(line).matches("(?s)HTTP/1\\.[01] 414 .*");
      assertThat(body).startsWith("HTTP/1.1 413 ");
      assertThat(seen).hasValue(0);
    }
  }
}
