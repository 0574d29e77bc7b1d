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
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TimeoutStageTest extends StageFixture {

  private final TimeoutStage stage = stage(Optional.empty());
  private final List<ProxyFailure> cancelled = new ArrayList<>();

  private static TimeoutStage stage(Optional<Duration> perTry) {
    return new TimeoutStage(Optional.of(Duration.ofMillis(100)), perTry);
  }

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
  void aCallOfGrpcTakesNoLongerThanItsCallerWaits() {
    Exchange exchange = grpc("grpc-timeout", "40m");
    exchange.onCancel(cancelled::add);

    new TimeoutStage(Optional.empty(), Optional.empty())
        .apply(exchange, asked -> Promise.<Response>promise().future());
    time.turn(Duration.ofMillis(39));
    assertThat(cancelled).isEmpty();
    assertThat(exchange.limitNanos()).isEqualTo(Duration.ofMillis(40).toNanos());
    time.turn(Duration.ofMillis(1));

    assertThat(cancelled).extracting(ProxyFailure::reason).containsExactly(Cause.CALLER_DEADLINE);
  }

  @Test
  void norLongerThanTheRuleSays() {
    Exchange exchange = grpc("grpc-timeout", "1H");
    exchange.onCancel(cancelled::add);

    stage.apply(exchange, asked -> Promise.<Response>promise().future());
    time.turn(Duration.ofMillis(100));

    assertThat(cancelled).extracting(ProxyFailure::reason).containsExactly(Cause.UPSTREAM_TIMEOUT);
    assertThat(exchange.request().headers().get("grpc-timeout")).isEqualTo("100m");
  }

  @Test
  void theUpstreamIsToldTheWholeTime() {
    Exchange exchange = get("x-envoy-expected-rq-timeout-ms", "7");

    stage.apply(exchange, backend);

    assertThat(exchange.request().headers().getAll("x-envoy-expected-rq-timeout-ms"))
        .containsExactly("100");
    assertThat(exchange.request().headers().contains("grpc-timeout")).isFalse();
  }

  @Test
  void nothingIsToldWhatEachTryTellsAnyway() {
    for (int perTry : new int[] {99, 100}) {
      Exchange exchange = get();

      stage(Optional.of(Duration.ofMillis(perTry))).apply(exchange, backend);

      assertThat(exchange.request().headers().getAll("x-envoy-expected-rq-timeout-ms"))
          .containsExactlyElementsOf(perTry < 100 ? List.of() : List.of("100"));
      assertThat(exchange.limitNanos()).isEqualTo(Duration.ofMillis(100).toNanos());
    }
  }

  @Test
  void withoutEitherThereIsNoTimer() {
    Exchange exchange = get();

    new TimeoutStage(Optional.empty(), Optional.empty()).apply(exchange, backend);

    assertThat(time.pending()).isZero();
    assertThat(exchange.limitNanos()).isEqualTo(Long.MAX_VALUE);
  }
}
