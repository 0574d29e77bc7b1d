package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What retries add to the load of a backend that fails, counted at the backend. The breaker bounds
 * nothing here: four of five attempts that fail are near enough to its nine of ten for the answers'
 * order to open it, and so it is told to wait for more of them than there are.
 */
final class RetryBudgetIT extends GatewayFixture {

  private static final int REQUESTS = 3000;

  private static final String WITHOUT_BREAKER =
      """
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default}
      spec: {breaker: {minimumRequests: 100000}}
      """;

  /**
   * How a backend fails.
   *
   * @param fails by the attempt's number
   * @param given tokens that may come back: of five retries in a row that end well by chance
   */
  private record Failing(String name, String retryOn, int status, IntPredicate fails, int given) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Arguments> failing() {
    return Stream.of(
            new Failing("four of five", "5xx", 503, attempt -> attempt % 5 != 0, 3),
            new Failing("all", "retriable-4xx", 409, attempt -> true, 0))
        .flatMap(failing -> Stream.of(10, 300).map(together -> Arguments.of(failing, together)));
  }

  @ParameterizedTest(name = "{0} fail, {1} at once")
  @MethodSource("failing")
  void theyAddAtMostAFifth(Failing failing, int together) throws Exception {
    AtomicInteger received = new AtomicInteger();
    int backend =
        backend(
            request -> {
              boolean fails = failing.fails().test(received.incrementAndGet());
              request.response().setStatusCode(fails ? failing.status() : 200).end();
            });
    gateway(
        rules(
            "{retries: {attempts: 3, retryOn: '%s', backoff: 1ms},".formatted(failing.retryOn())
                + " route: [{destination: {host: backend.test}}]}"),
        entry(backend),
        WITHOUT_BREAKER);
    HttpClient client =
        kept(
            vertx.createHttpClient(
                new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(together)));

    int made = 0; // by the gateway itself
    for (int sent = 0; sent < REQUESTS; sent += together) {
      List<Future<HttpClientResponse>> answers = new ArrayList<>();
      for (int i = 0; i < together; i++) {
        answers.add(request(client, HttpMethod.GET, "/", Buffer.buffer()));
      }
      await(Future.all(answers));
      for (Future<HttpClientResponse> answer : answers) {
        made += answer.result().getHeader("proxy-status") == null ? 0 : 1;
      }
    }

    assertThat(made).as("refused by the gateway").isZero();
    assertThat(received.get() - REQUESTS)
        .as("retries of %s requests", REQUESTS)
        .isBetween(REQUESTS / 10, REQUESTS / 5 + failing.given());
  }
}
