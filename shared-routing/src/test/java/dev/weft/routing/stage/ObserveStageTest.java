package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.Samples;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ObserveStageTest {

  private final List<Ending> endings = new ArrayList<>();
  private final ObserveStage stage = new ObserveStage((exchange, ending) -> endings.add(ending));

  @Test
  void anAnswerIsToldWithItsBytesOnceItWasRead() {
    Response response =
        stage
            .apply(
                exchange("text/plain"),
                asked -> Future.succeededFuture(new LocalResponse(404, Buffer.buffer("four"))))
            .result();
    assertThat(endings).isEmpty();

    response.body().handler(part -> {}).resume();

    assertThat(endings)
        .containsExactly(new Ending(404, Optional.empty(), OptionalInt.empty(), 0, 4));
  }

  @Test
  void anAnswerOfTheProxyItselfTellsItsReason() {
    Optional<ProxyFailure> reason =
        Optional.of(new ProxyFailure(Cause.FAULT_INJECTED, "the rule says so"));
    Response response =
        stage
            .apply(
                exchange("text/plain"),
                asked ->
                    Future.succeededFuture(new LocalResponse(418, Buffer.buffer("four"), reason)))
            .result();

    response.body().handler(part -> {}).resume();

    assertThat(endings).containsExactly(new Ending(418, reason, OptionalInt.empty(), 0, 4));
  }

  @Test
  void aRefusalIsToldWithItsStatus() {
    ProxyFailure failure = new ProxyFailure(Cause.OVERFLOW, "full");

    Future<Response> answer =
        stage.apply(exchange("text/plain"), asked -> Future.failedFuture(failure));

    assertThat(answer.cause()).isSameAs(failure);
    assertThat(endings)
        .containsExactly(new Ending(503, Optional.of(failure), OptionalInt.empty(), 0, 0));
  }

  @Test
  void aBugIsToldAsSuch() {
    Future<Response> answer =
        stage.apply(
            exchange("text/plain"), asked -> Future.failedFuture(new IllegalStateException("x")));

    assertThat(answer.cause()).isInstanceOf(IllegalStateException.class);
    assertThat(endings).extracting(Ending::status).containsExactly(500);
    assertThat(endings)
        .extracting(ending -> ending.failure().orElseThrow().reason())
        .containsExactly(Cause.INTERNAL);
  }

  @Test
  void aCutAnswerKeepsItsStatusAndTellsTheCause() {
    Response response =
        stage
            .apply(
                exchange("text/plain"),
                asked -> Future.succeededFuture(new LocalResponse(200, Buffer.buffer("four"))))
            .result();

    response.cancel();

    assertThat(endings)
        .singleElement()
        .satisfies(
            ending -> {
              assertThat(ending.status()).isEqualTo(200);
              assertThat(ending.failure().map(ProxyFailure::reason)).contains(Cause.CLIENT_GONE);
              assertThat(ending.responseBytes()).isZero();
            });
  }

  @Test
  void onlyAGrpcCallTellsItsGrpcStatus() {
    for (String type : List.of("application/grpc", "text/plain")) {
      LocalResponse answer = new LocalResponse(200, Buffer.buffer());
      answer.headers().set("grpc-status", "14");
      stage.apply(exchange(type), asked -> Future.succeededFuture(answer)).result().body().resume();
    }

    assertThat(endings)
        .extracting(Ending::grpcStatus)
        .containsExactly(OptionalInt.of(14), OptionalInt.empty());
  }

  private static Exchange exchange(String type) {
    return Samples.exchange(
        "/", MultiMap.caseInsensitiveMultiMap().add("content-type", type), new HandTicker());
  }
}
