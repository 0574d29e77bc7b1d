package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A gateway of two event loops: what each owns, and what counts for both. */
final class LoopsIT extends GatewayFixture {

  private static final String TO_BACKEND =
      "{retries: {attempts: 0}, route: [{destination: {host: backend.test}}]}";
  private static final int CALLERS = 4; // the loops take connections in turn

  private final BlockingQueue<HttpServerRequest> held = new LinkedBlockingQueue<>();
  private final Queue<HttpServerRequest> unanswered = new ConcurrentLinkedQueue<>();

  @AfterEach
  void release() {
    unanswered.forEach(request -> request.response().end());
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
    int backend =
        backend(
            request -> {
              unanswered.add(request);
              held.add(request);
            });
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
      assertThat(held.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("request %s", i).isNotNull();
    }
    HttpClientResponse fourth = await(WaysFixture.sent(callers.get(3), HttpMethod.GET, "/"));

    assertThat(fourth.statusCode()).isEqualTo(503);
    assertThat(answers).noneMatch(Future::isComplete);
    release();
    for (Future<HttpClientResponse> answer : answers) {
      assertThat(await(answer).statusCode()).isEqualTo(200);
    }
    unanswered.clear();
  }

  private List<HttpClientConnection> callers() throws Exception {
    List<HttpClientConnection> all = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      all.add(
          await(
              kept(vertx.httpClientBuilder().with(new HttpClientOptions()).build())
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
