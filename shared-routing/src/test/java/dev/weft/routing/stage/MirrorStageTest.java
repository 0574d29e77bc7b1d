package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.body.BufferBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MirrorStageTest extends StageFixture {

  private final List<Exchange> copies = new ArrayList<>();

  @Test
  void aDrawnMirrorGetsACopyWithAShadowAuthority() {
    Exchange exchange = mirrored("POST");

    Response answer = stage(failing()).apply(exchange, backend).result();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(copies)
        .singleElement()
        .satisfies(
            copy -> {
              assertThat(copy.request().authority()).isEqualTo("shop.test-shadow:80");
              assertThat(copy.request().target()).isEqualTo("/a?q=1");
              assertThat(copy.request().body().length()).hasValue(4);
              assertThat(copy.seed()).isNotEqualTo(exchange.seed());
            });
  }

  @Test
  void whatChangesTheCopyLeavesTheOriginal() {
    Exchange exchange = mirrored("POST");

    stage(
            copy -> {
              copy.request().headers().set("x-copy", "1");
              return Future.failedFuture("no");
            })
        .apply(exchange, backend);

    assertThat(exchange.request().headers().contains("x-copy")).isFalse();
  }

  @Test
  void whatWasNotDrawnIsNotCopied() {
    stage(failing()).apply(get(), backend);

    assertThat(copies).isEmpty();
    assertThat(served).hasSize(1);
  }

  @Test
  void copiesUnderWayAreBounded() {
    Promise<Response> never = Promise.promise();
    MirrorStage stage =
        stage(
            copy -> {
              copies.add(copy);
              return never.future();
            });

    for (int i = 0; i < 200; i++) {
      stage.apply(mirrored("POST"), backend);
    }

    assertThat(copies).hasSize(128);
    assertThat(served).hasSize(200);
  }

  @Test
  void aCopyThatThrowsGivesItsPlaceBackAndLeavesTheOriginal() {
    MirrorStage stage =
        stage(
            copy -> {
              copies.add(copy);
              throw new IllegalStateException("a fault of ours");
            });

    for (int i = 0; i < 200; i++) {
      assertThat(stage.apply(mirrored("POST"), backend).succeeded()).isTrue();
    }

    assertThat(copies).as("none holds a place").hasSize(200);
    assertThat(time.pending()).as("timers").isZero();
  }

  @Test
  void aCopyThatIsNotAnsweredIsGivenUp() {
    List<ProxyFailure> cancelled = new ArrayList<>();
    Promise<Response> never = Promise.promise();
    MirrorStage stage =
        stage(
            copy -> {
              copy.onCancel(cancelled::add);
              return never.future();
            });

    stage.apply(mirrored("POST"), backend);
    time.turn(Duration.ofMillis(29_999));
    assertThat(cancelled).isEmpty();
    time.turn(Duration.ofMillis(1));

    assertThat(cancelled).extracting(ProxyFailure::reason).containsExactly(Cause.UPSTREAM_TIMEOUT);
  }

  private Service failing() {
    return copy -> {
      copies.add(copy);
      return Future.failedFuture(new ProxyFailure(Cause.CONNECT_REFUSED, "nobody there"));
    };
  }

  private static MirrorStage stage(Service mirror) {
    return new MirrorStage(Map.of(SHADOW, mirror));
  }

  private Exchange mirrored(String method) {
    Exchange exchange = exchange(method, new BufferBody(Buffer.buffer("four")));
    decide(exchange, new Forward(V1, 0), Optional.empty(), List.of(SHADOW));
    return exchange;
  }
}
