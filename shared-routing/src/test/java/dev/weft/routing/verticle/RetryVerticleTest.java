package dev.weft.routing.verticle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.WindowedCircuitBreaker;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
final class RetryVerticleTest {

  private static final ClusterName NAME = ClusterName.outbound("b.test", 80, "");

  @Test
  void anEmptyBudgetIsToldOnceWithItsRefusals(Vertx vertx, VertxTestContext test) {
    Upstream upstream = upstream(vertx);
    int given = 0;
    while (upstream.budget().withdraw()) {
      given++;
    }
    int minimum = given;
    upstream.budget().withdraw();

    vertx
        .eventBus()
        .<JsonObject>consumer(
            RetryVerticle.EXHAUSTED,
            event ->
                test.verify(
                    () -> {
                      assertThat(minimum).isEqualTo(3);
                      assertThat(event.body().getString("cluster")).isEqualTo(NAME.toString());
                      assertThat(event.body().getLong("refused")).isEqualTo(2);
                      assertThat(upstream.budget().tokens()).isEqualTo(1);
                      test.completeNow();
                    }));
    vertx.deployVerticle(new RetryVerticle(() -> List.of(upstream))).onFailure(test::failNow);
  }

  private static Upstream upstream(Vertx vertx) {
    UpstreamSettings settings = new UpstreamSettings(NAME, TrafficPolicy.NONE, HttpChoice.HTTP_1);
    SystemTicker ticker = new SystemTicker();
    return new Upstream(
        settings,
        ticker,
        new WindowedCircuitBreaker(NAME.toString(), vertx, ticker, state -> {}),
        (endpoint, ejected) -> {});
  }
}
