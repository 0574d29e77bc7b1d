package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.weft.routing.resilience.AlwaysClosed;
import dev.weft.routing.resilience.RetryPolicy;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is repeated although the retry budget is spent. */
final class KeptConnectionRetryTest extends StageFixture {

  private ProxyFailure first = new ProxyFailure(Cause.INTERNAL, "none");
  private int tries;

  private Future<Response> served() {
    Upstream upstream =
        new Upstream(
            new UpstreamSettings(V1, TrafficPolicy.NONE, HttpChoice.HTTP_1),
            time,
            new AlwaysClosed(),
            (endpoint, ejected) -> {});
    List<Endpoint> two =
        Stream.of("10.0.0.1", "10.0.0.2")
            .map(host -> new Endpoint(host, 80, Map.of(), "", 1, new UpstreamTls.Plaintext()))
            .toList();
    upstream.endpoints(new EndpointSet(two, ""));
    while (upstream.budget().tokens() > 0) {
      assertThat(upstream.budget().withdraw()).isTrue();
    }
    UpstreamService upstreams =
        new UpstreamService(
            upstream,
            List.of(
                (exchange, settings, endpoint, attempt) ->
                    tries++ == 0
                        ? Future.failedFuture(first)
                        : Future.succeededFuture(new LocalResponse(200, Buffer.buffer()))));
    Future<Response> answer = new RetryingService(RetryPolicy.DEFAULT, upstreams).serve(get());
    time.turn(Duration.ofMillis(60));
    return answer;
  }

  @Test
  void aKeptConnectionThatEndedIsRepeated() {
    first = ProxyFailure.keptConnectionEnded("gone");

    assertThat(served().result().status()).isEqualTo(200);
    assertThat(tries).isEqualTo(2);
  }

  @Test
  void aNewOneThatEndedIsNot() {
    first = new ProxyFailure(Cause.UPSTREAM_RESET, "gone");

    assertThat(failure(served()).reason()).isEqualTo(Cause.UPSTREAM_RESET);
    assertThat(tries).isEqualTo(1);
  }
}
