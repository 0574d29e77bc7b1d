package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.HttpRoute.Retries;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.resilience.CircuitBreaker;
import dev.weft.routing.resilience.RetryPolicy;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a request is told whose tries opened the breaker: how they ended, and not that alone. */
final class LastTriesTest extends StageFixture {

  private final ByHand breaker = new ByHand();
  private Future<Response> first =
      Future.failedFuture(new ProxyFailure(Cause.CONNECT_REFUSED, "endpoint 10.0.0.1:80: nobody"));
  private boolean opensAtOnce = true;
  private int tries;

  /** Lets all pass until it is opened. */
  private static final class ByHand implements CircuitBreaker {

    private State state = State.CLOSED;

    void open() {
      state = State.OPEN;
    }

    @Override
    public int admit() {
      return state == State.OPEN ? REFUSED : 1;
    }

    @Override
    public void succeeded(int admitted) {}

    @Override
    public void failed(int admitted) {}

    @Override
    public void abandoned(int admitted) {}

    @Override
    public State state() {
      return state;
    }
  }

  private Future<Response> served() {
    Upstream upstream =
        new Upstream(
            new UpstreamSettings(V1, TrafficPolicy.NONE, HttpChoice.HTTP_1),
            time,
            breaker,
            (endpoint, ejected) -> {});
    List<Endpoint> two =
        Stream.of("10.0.0.1", "10.0.0.2")
            .map(host -> new Endpoint(host, 80, Map.of(), "", 1, new UpstreamTls.Plaintext()))
            .toList();
    upstream.endpoints(new EndpointSet(two, ""));
    UpstreamService upstreams =
        new UpstreamService(
            upstream,
            List.of(
                (exchange, settings, endpoint, attempt) -> {
                  tries++;
                  if (opensAtOnce) {
                    breaker.open();
                  }
                  return first;
                }));
    Retries twice =
        new Retries(2, Optional.empty(), List.of("5xx"), List.of(), Duration.ofMillis(25), true);
    Future<Response> answer = new RetryingService(new RetryPolicy(twice), upstreams).serve(get());
    if (!opensAtOnce) {
      breaker.open();
    }
    time.turn(Duration.ofMillis(200));
    return answer;
  }

  @Test
  void whatOpenedTheBreakerIsTheCause() {
    ProxyFailure failure = failure(served());

    assertThat(failure.reason()).isEqualTo(Cause.CONNECT_REFUSED);
    assertThat(failure)
        .hasMessageContaining("endpoint 10.0.0.1:80: nobody")
        .hasMessageEndingWith(" (attempt 1 of 3, its circuit breaker is open)");
    assertThat(tries).isEqualTo(1);
  }

  @Test
  void soItIsWhereOthersOpenedItBeforeTheNextTry() {
    opensAtOnce = false;

    ProxyFailure failure = failure(served());

    assertThat(failure.reason()).isEqualTo(Cause.CONNECT_REFUSED);
    assertThat(failure).hasMessageEndingWith(" (attempt 1 of 3, then breaker_open)");
    assertThat(tries).isEqualTo(1);
  }

  @Test
  void anAnswerThatOpenedItGoesToTheCaller() {
    first = Future.succeededFuture(new LocalResponse(503, Buffer.buffer("its own")));

    Future<Response> answer = served();

    assertThat(answer.result().status()).isEqualTo(503);
    assertThat(tries).isEqualTo(1);
  }

  @Test
  void whatWasNeverTriedIsToldOfTheBreaker() {
    breaker.open();

    assertThat(failure(served()).reason()).isEqualTo(Cause.BREAKER_OPEN);
    assertThat(tries).isZero();
  }
}
