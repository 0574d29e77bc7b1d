package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A gateway of two event loops: what each owns, and what counts for both. */
final class LoopsIT extends GatewayFixture {

  private static final String TO_BACKEND =
      "{retries: {attempts: 0}, route: [{destination: {host: backend.test}}]}";
  private static final int CALLERS = 4; // the loops take connections in turn
  private static final HttpClientOptions MULTIPLEXED =
      new HttpClientOptions()
          .setProtocolVersion(HttpVersion.HTTP_2)
          .setHttp2ClearTextUpgrade(false);

  private final BlockingQueue<HttpServerRequest> held = new LinkedBlockingQueue<>();
  private final Queue<HttpServerRequest> unanswered = new ConcurrentLinkedQueue<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger(); // open at once

  @AfterEach
  void release() {
    unanswered.forEach(request -> request.response().end());
    unanswered.clear();
  }

  /** A request that reached the backend, and waits for its answer until the release. */
  private void reached() throws InterruptedException {
    HttpServerRequest request = held.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(request).as("it came").isNotNull();
    unanswered.add(request);
  }

  @Test
  void aConnectionUpstreamIsUsedByTheLoopThatOwnsItAlone() throws Exception {
    threads = 2;
    int backend = backend(request -> request.response().end("" + request.remoteAddress().port()));
    gateway(rules(TO_BACKEND), entry(backend));
    List<HttpClientConnection> callers = callers();

    List<Set<String>> used = new ArrayList<>();
    for (HttpClientConnection caller : callers) {
      used.add(new HashSet<>(List.of(asked(caller))));
    }
    for (int round = 0; round < 10; round++) { // one after the other: any free one would do
      for (int i = 0; i < CALLERS; i++) {
        used.get(i).add(asked(callers.get(i)));
      }
    }

    assertThat(used).allSatisfy(ports -> assertThat(ports).hasSize(1));
    assertThat(new HashSet<>(used)).as("one for each loop").hasSize(2);
  }

  @Test
  void aLimitOfRequestsCountsForAllLoopsTogether() throws Exception {
    threads = 2;
    int backend = backend(held::add);
    gateway(
        rules(TO_BACKEND),
        entry(backend),
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: backend}
        spec:
          host: backend.test
          trafficPolicy: {connectionPool: {http: {http2MaxRequests: 3}}}
        """);
    List<Future<HttpClientResponse>> answers = new ArrayList<>();
    List<HttpClientConnection> callers = callers();

    for (int i = 0; i < 3; i++) {
      answers.add(WaysFixture.sent(callers.get(i), HttpMethod.GET, "/"));
      reached();
    }
    HttpClientResponse fourth = await(WaysFixture.sent(callers.get(3), HttpMethod.GET, "/"));

    assertThat(fourth.statusCode()).isEqualTo(503);
    assertThat(answers).noneMatch(Future::isComplete);
    release();
    for (Future<HttpClientResponse> answer : answers) {
      assertThat(await(answer).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aLimitOfConnectionsCountsForAllLoopsTogether() throws Exception {
    threads = 2;
    gateway(rules(TO_BACKEND), entry(counted()), connections(4, 6));
    List<HttpClientConnection> callers = callers(MULTIPLEXED);
    List<Future<HttpClientResponse>> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) { // of which each loop gets two
      answers.add(WaysFixture.sent(callers.get(i), HttpMethod.GET, "/"));
      reached();
    }

    AtomicInteger refused = new AtomicInteger();
    Promise<Void> sixRefused = Promise.promise();
    for (int i = 0; i < 12; i++) {
      Future<HttpClientResponse> one =
          WaysFixture.sent(callers.get(i % CALLERS), HttpMethod.GET, "/");
      one.onComplete(
          any -> {
            if (refused.incrementAndGet() == 6) {
              sixRefused.complete();
            }
          });
      answers.add(one);
    }
    await(sixRefused.future());

    assertThat(answers.stream().filter(Future::isComplete).map(Future::result))
        .hasSize(6)
        .allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(503))
        .allSatisfy(answer -> assertThat(answer.getHeader("x-envoy-overloaded")).isEqualTo("true"))
        .allSatisfy(
            answer ->
                assertThat(answer.getHeader("proxy-status"))
                    .isEqualTo("weft; error=connection_limit_reached; cause=overflow"));
    assertThat(open).hasValue(4);
    release();
    for (int i = 0; i < 6; i++) { // one after the other on the four that there are
      reached();
      release();
    }
    for (Future<HttpClientResponse> answer : answers) {
      await(answer);
    }
    assertThat(answers.stream().filter(answer -> answer.result().statusCode() == 200)).hasSize(10);
    assertThat(most).as("open at once").hasValue(4);
    assertThat(accepted).as("in all").hasValue(4);
  }

  @Test
  void aLoopWithoutAConnectionOpensOneBeyondTheLimitAndNoMore() throws Exception {
    threads = 2;
    gateway(rules(TO_BACKEND), entry(counted()), connections(1, 2));
    List<HttpClientConnection> callers = callers(MULTIPLEXED);
    List<Future<HttpClientResponse>> answers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      answers.add(WaysFixture.sent(callers.get(i), HttpMethod.GET, "/"));
      reached();
    }

    List<Future<HttpClientResponse>> later = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      later.add(WaysFixture.sent(callers.get(i), HttpMethod.GET, "/"));
    }
    HttpClientResponse third = await(Future.any(later).map(any -> first(later)));

    assertThat(third.statusCode()).isEqualTo(503);
    assertThat(open).hasValue(2);
    release();
    for (int i = 0; i < 2; i++) {
      reached();
      release();
    }
    for (Future<HttpClientResponse> answer : answers) {
      assertThat(await(answer).statusCode()).isEqualTo(200);
    }
    assertThat(later).as("two of them waited").filteredOn(LoopsIT::served).hasSize(2);
    assertThat(accepted).as("in all").hasValue(2);
  }

  private static boolean served(Future<HttpClientResponse> answer) {
    try {
      return await(answer).statusCode() == 200;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static HttpClientResponse first(List<Future<HttpClientResponse>> answers) {
    return answers.stream().filter(Future::isComplete).findFirst().orElseThrow().result();
  }

  private static String connections(int most, int pending) {
    return """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: backend}
        spec:
          host: backend.test
          trafficPolicy:
            connectionPool: {tcp: {maxConnections: %d}, http: {http1MaxPendingRequests: %d}}
        """
        .formatted(most, pending);
  }

  /** The port of a backend that holds its requests and counts its connections. */
  private int counted() throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .connectionHandler(
                connection -> {
                  accepted.incrementAndGet();
                  most.accumulateAndGet(open.incrementAndGet(), Math::max);
                  connection.closeHandler(closed -> open.decrementAndGet());
                })
            .requestHandler(held::add);
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  private List<HttpClientConnection> callers() throws Exception {
    return callers(new HttpClientOptions());
  }

  private List<HttpClientConnection> callers(HttpClientOptions options) throws Exception {
    List<HttpClientConnection> all = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      all.add(
          await(
              kept(vertx.httpClientBuilder().with(options).build())
                  .connect(new HttpConnectOptions().setHost("127.0.0.1").setPort(port))));
    }
    return all;
  }

  private static String asked(HttpClientConnection caller) throws Exception {
    Future<Buffer> body =
        WaysFixture.sent(caller, HttpMethod.GET, "/").compose(HttpClientResponse::body);
    return await(body).toString();
  }
}
