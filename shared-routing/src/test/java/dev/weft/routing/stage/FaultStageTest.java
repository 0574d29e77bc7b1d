package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Decision.Fault;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class FaultStageTest extends StageFixture {

  private final FaultStage stage = new FaultStage();

  @Test
  void withoutAFaultNothingWaits() {
    assertThat(stage.apply(get(), backend).result().status()).isEqualTo(200);
    assertThat(time.pending()).isZero();
  }

  @Test
  void aDelayHoldsTheRequestForItsTime() {
    Future<Response> answer = stage.apply(faulty(50, OptionalInt.empty()), backend);

    time.turn(Duration.ofMillis(49));
    assertThat(served).isEmpty();
    time.turn(Duration.ofMillis(1));

    assertThat(answer.result().status()).isEqualTo(200);
    assertThat(served).hasSize(1);
  }

  @Test
  void aDelayIsTheRequestsFromItsBeginning() {
    Exchange delayed = faulty(50, OptionalInt.empty());
    Exchange aborted = faulty(0, OptionalInt.of(418));
    Exchange plain = get();

    stage.apply(delayed, backend);
    stage.apply(aborted, backend);
    stage.apply(plain, backend);

    assertThat(served).as("it waits still").hasSize(1);
    assertThat(delayed.delayed()).isTrue();
    assertThat(aborted.delayed()).isFalse();
    assertThat(plain.delayed()).isFalse();
  }

  @Test
  void anAbortAnswersWithoutTheService() {
    Response answer = stage.apply(faulty(0, OptionalInt.of(418)), backend).result();

    assertThat(served).isEmpty();
    assertThat(answer.status()).isEqualTo(418);
    assertThat(answer.headers().get("proxy-status")).startsWith("weft; error=");
    assertThat(answer.reason().orElseThrow().reason()).isEqualTo(Cause.FAULT_INJECTED);
  }

  @Test
  void anAbortOfACallOfGrpcIsTheStatusThatStandsForIt() {
    Exchange exchange = grpc();
    Fault fault = new Fault(Duration.ZERO, OptionalInt.of(404), OptionalInt.empty());
    decide(exchange, new Forward(V1, 0), Optional.of(fault), List.of());

    Response answer = stage.apply(exchange, backend).result();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().get("grpc-status")).isEqualTo("12");
    assertThat(answer.headers().get("grpc-message")).isEqualTo("fault filter abort");
    assertThat(answer.headers().get("content-type")).isEqualTo("application/grpc");
    assertThat(answer.headers().contains("content-length")).isFalse();
    assertThat(answer.headers().get("proxy-status")).endsWith("cause=fault_injected");
    assertThat(answer.reason().orElseThrow().reason()).isEqualTo(Cause.FAULT_INJECTED);
  }

  @Test
  void aGrpcAbortIsAnAnswerOfGrpc() {
    Exchange exchange = get();
    Fault fault = new Fault(Duration.ZERO, OptionalInt.empty(), OptionalInt.of(14));
    decide(exchange, new Forward(V1, 0), Optional.of(fault), List.of());

    Response answer = stage.apply(exchange, backend).result();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().get("grpc-status")).isEqualTo("14");
    assertThat(answer.headers().get("content-type")).isEqualTo("application/grpc");
    assertThat(answer.reason().orElseThrow().reason()).isEqualTo(Cause.FAULT_INJECTED);
  }

  @Test
  void aCallerThatLeavesWhileItWaitsEndsTheWait() {
    Exchange exchange = faulty(50, OptionalInt.empty());
    Future<Response> answer = stage.apply(exchange, backend);

    exchange.cancel(new ProxyFailure(Cause.CLIENT_GONE, "gone"));

    assertThat(failure(answer).reason()).isEqualTo(Cause.CLIENT_GONE);
    assertThat(time.pending()).isZero();
    assertThat(served).isEmpty();
  }

  private Exchange faulty(int delayMillis, OptionalInt status) {
    Exchange exchange = get();
    Fault fault = new Fault(Duration.ofMillis(delayMillis), status, OptionalInt.empty());
    decide(exchange, new Forward(V1, 0), Optional.of(fault), List.of());
    return exchange;
  }
}
