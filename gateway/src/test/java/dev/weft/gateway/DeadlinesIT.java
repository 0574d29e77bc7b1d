package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import dev.weft.testkit.fault.Blackhole;
import dev.weft.testkit.fault.Fault;
import dev.weft.testkit.load.Asked;
import dev.weft.testkit.load.Sent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How long somebody waits is known to all who work for him, and nobody works for longer. */
final class DeadlinesIT extends ResilienceFixture {

  private static final int LEAVING = 5 * SCALE;

  private final List<String> told = new CopyOnWriteArrayList<>();

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void aCallerWhoLeavesTakesHisRequestWithHim(HttpVersion version) throws Exception {
    good.answers(any -> any.path().equals("/body") ? Fault.hangAmidBody() : Fault.hang());
    gateway(to(""), entry(good.port()), policy(speaks(version)));
    HttpClientOptions options =
        new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false);
    HttpClient client = client(options);

    for (String path : List.of("/", "/body")) {
      List<Long> millis = new ArrayList<>();
      for (int i = 0; i < LEAVING; i++) {
        millis.add(leaves(client, path));
      }
      Collections.sort(millis);
      assertThat(millis.get(LEAVING / 2)).as("%s: %s ms", path, millis).isLessThanOrEqualTo(500);
      figure("%s, %s: cancelled within %s ms".formatted(version, path, millis));
    }
  }

  /** Until the backend knows, in milliseconds. */
  private long leaves(HttpClient client, String path) throws Exception {
    long before = ledger.requests();
    long left = ledger.cancelled();
    HttpClientRequest request = await(client.request(options(HttpMethod.GET, path)));
    request.authority(HostAndPort.create("shop.test", 80));
    request.send();
    assertThat(seen(() -> ledger.requests() > before)).isTrue();
    long gone = System.nanoTime();
    request.reset();
    assertThat(seen(() -> ledger.cancelled() > left)).as(path).isTrue();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - gone);
  }

  @Test
  void theWholeTimeEndsARequestWhateverItsTries() throws Exception {
    good.answers(Fault.hang());
    gateway(
        to("timeout: 2s, retries: {attempts: 3, perTryTimeout: 1.2s, retryOn: reset}, "),
        entry(good.port()));

    Sent sent = await(callers(HttpVersion.HTTP_1_1).send(Asked.get("/")));

    assertThat(sent.status()).isEqualTo(504);
    assertThat(sent.cause()).isEqualTo("weft; error=http_response_timeout; cause=upstream_timeout");
    assertThat(sent.time()).isGreaterThanOrEqualTo(Duration.ofMillis(1990));
    assertThat(seen(() -> ledger.cancelled() == ledger.requests())).isTrue();
    assertThat(ledger.requests()).as("one more would have taken 2.4 s").isEqualTo(2);
  }

  @Test
  void aConnectionThatDoesNotComeAboutIsWaitedForItsTime() throws Exception {
    try (Blackhole hole = new Blackhole()) {
      gateway(
          to("retries: {attempts: 0}, "),
          entry(hole.port()),
          policy("connectionPool: {tcp: {connectTimeout: 0.3s}}"));

      Sent sent = await(callers(HttpVersion.HTTP_1_1).send(Asked.get("/")));

      assertThat(sent.status()).isEqualTo(503);
      assertThat(sent.cause()).isEqualTo("weft; error=connection_timeout; cause=connect_timeout");
      assertThat(sent.time()).isGreaterThanOrEqualTo(Duration.ofMillis(290));
    }
  }

  @Test
  void aConnectionOnWhichNothingHappensIsClosed() throws Exception {
    gateway(to(""), entry(good.port()), policy("connectionPool: {http: {idleTimeout: 0.2s}}"));

    await(callers(HttpVersion.HTTP_1_1).send(Asked.get("/")));

    assertThat(good.ledger().connections()).isPositive();
    assertThat(seen(() -> good.open() == 0)).isTrue();
  }

  @Test
  void aRequestOnWhichNothingMovesEndsThoughNobodySaidWhen() throws Exception {
    good.answers(any -> any.path().equals("/body") ? Fault.hangAmidBody() : Fault.hang());
    gateway(
        to(""),
        entry(good.port()),
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {limits: {streamIdle: 1s}}
        """);

    Sent silent = await(callers(HttpVersion.HTTP_1_1).send(Asked.get("/")));
    Sent cut = await(callers(HttpVersion.HTTP_2).send(Asked.get("/body")));

    assertThat(silent.status()).isEqualTo(504);
    assertThat(silent.cause()).isEqualTo("weft; error=http_response_timeout; cause=stream_idle");
    assertThat(silent.time()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(cut.status()).isEqualTo(200);
    assertThat(cut.whole()).isFalse();
    assertThat(seen(() -> ledger.cancelled() == 2)).isTrue();
  }

  @Test
  void eachTryIsToldWhatIsLeftOfTheWholeTime() throws Exception {
    int backend = backend(this::late);
    gateway(
        to("timeout: 10s, retries: {attempts: 1, perTryTimeout: 1500ms, retryOn: reset}, "),
        entry(backend));

    HttpClientResponse answer =
        await(request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Buffer.buffer()));

    assertThat(answer.statusCode()).isEqualTo(504);
    assertThat(told).containsExactly("1500 null", "1500 null");
  }

  private void late(HttpServerRequest request) {
    told.add(
        request.getHeader("x-envoy-expected-rq-timeout-ms")
            + " "
            + request.getHeader("grpc-timeout"));
  }

  @Test
  void aCallOfGrpcEndsWhenItsCallerStopsWaiting() throws Exception {
    int backend = backend(this::late);
    gateway(to(""), entry(backend));
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false);

    HttpClientResponse answer =
        await(
            client(options)
                .request(
                    options(HttpMethod.POST, "/shop.Cart/Add")
                        .putHeader("content-type", "application/grpc")
                        .putHeader("grpc-timeout", "3000m"))
                .compose(
                    call -> Requests.sent(call.authority(HostAndPort.create("shop.test", 80)))));

    assertThat(answer.getHeader("proxy-status"))
        .isEqualTo("weft; error=http_response_timeout; cause=caller_deadline");
    assertThat(answer.getHeader("grpc-status")).isEqualTo("4");
    assertThat(told).hasSize(1);
    int left = Integer.parseInt(told.get(0).substring(0, told.get(0).indexOf(' ')));
    assertThat(left).isBetween(1, 3000);
    assertThat(told.get(0)).isEqualTo(left + " " + left + "m");
  }
}
