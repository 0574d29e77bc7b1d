package dev.weft.routing.stage.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.stage.StageFixture;
import io.vertx.core.Future;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HideKeysStageTest extends StageFixture {

  @Test
  void whatWasRefusedIsNotLoggedWithItsKey() {
    Exchange exchange = get(); // of /a?q=1
    ProxyFailure refused = new ProxyFailure(Cause.NO_ROUTE, "nowhere");

    Future<Response> answer =
        new HideKeysStage(List.of("other", "q"))
            .apply(exchange, any -> Future.failedFuture(refused));

    assertThat(answer.cause()).isSameAs(refused);
    assertThat(exchange.request().head().target()).isEqualTo("/a");
  }

  @Test
  void untilThenTheKeyIsThere() {
    Exchange exchange = get();

    Future<Response> answer =
        new HideKeysStage(List.of("q"))
            .apply(
                exchange,
                one -> {
                  assertThat(one.request().head().target()).isEqualTo("/a?q=1");
                  return backend.serve(one);
                });

    assertThat(answer.result().status()).isEqualTo(200);
    assertThat(exchange.request().head().target()).isEqualTo("/a");
  }
}
