package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TimeoutStageTest extends StageFixture {

  private final TimeoutStage stage = new TimeoutStage(Duration.ofMillis(100));
  private final List<ProxyFailure> cancelled = new ArrayList<>();

  @Test
  void whatTakesTooLongIsCancelledWithItsCause() {
    Exchange exchange = get();
    exchange.onCancel(cancelled::add);
    Promise<Response> never = Promise.promise();

    stage.apply(exchange, asked -> never.future());
    time.turn(Duration.ofMillis(99));
    assertThat(cancelled).isEmpty();
    time.turn(Duration.ofMillis(1));

    assertThat(cancelled).extracting(ProxyFailure::reason).containsExactly(Cause.UPSTREAM_TIMEOUT);
    assertThat(cancelled.get(0)).hasMessageContaining("no whole answer within 100 ms");
  }

  @Test
  void aBodyThatTakesTooLongIsCutToo() {
    Exchange exchange = get();
    exchange.onCancel(cancelled::add);

    Future<Response> answer = stage.apply(exchange, backend);
    assertThat(answer.succeeded()).isTrue();
    time.turn(Duration.ofMillis(100));

    assertThat(cancelled).hasSize(1);
  }

  @Test
  void aWholeAnswerOrAFailureEndsTheTimer() {
    stage.apply(get(), backend).result().body().resume();
    stage.apply(get(), asked -> Future.failedFuture("no"));

    assertThat(time.pending()).isZero();
  }

  @Test
  void theUpstreamIsToldHowLongItHas() {
    stage.apply(get(), backend);

    assertThat(served.get(0).request().headers().get("x-envoy-expected-rq-timeout-ms"))
        .isEqualTo("100");
  }
}
