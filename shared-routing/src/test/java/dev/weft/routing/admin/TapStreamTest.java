package dev.weft.routing.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.Tap.Filter;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TapStreamTest {

  private final HandTimers timers = new HandTimers();
  private final Tap tap = new Tap();
  private final List<String> written = new ArrayList<>();
  private boolean full; // what is to go out to the reader
  private boolean reset;
  private int ended;

  private void watching() {
    TapStream.start(
        timers, played(), tap, new TapStream.Wish(Filter.ALL, 0, 1), List.of(), () -> ended++);
  }

  private HttpServerResponse played() {
    Class<?>[] type = {HttpServerResponse.class};
    return (HttpServerResponse)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            type,
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "writeQueueFull" -> full;
                  case "reset" -> {
                    reset = true;
                    yield Future.succeededFuture();
                  }
                  case "write" -> {
                    written.add(arguments[0].toString());
                    yield Future.succeededFuture();
                  }
                  default -> self;
                });
  }

  @Test
  void aReaderWhoTakesNothingForFiveSecondsIsDropped() {
    watching();
    full = true;

    timers.turn(Duration.ofMillis(4_900));
    assertThat(reset).isFalse();

    timers.turn(Duration.ofMillis(100));
    assertThat(reset).isTrue();
    assertThat(ended).isEqualTo(1);
    assertThat(tap.watched()).isFalse();
    assertThat(timers.pending()).isZero();
  }

  @Test
  void aProcessThatStoodStillForLongerDropsNobody() {
    watching();
    full = true;

    timers.stall(Duration.ofSeconds(20));
    full = false;
    timers.turn(Duration.ofSeconds(60));

    assertThat(reset).isFalse();
    assertThat(ended).isZero();
    assertThat(tap.watched()).isTrue();
  }

  @Test
  void aReaderWhoTakesSomethingInBetweenStays() {
    watching();

    for (int i = 0; i < 3; i++) {
      full = true;
      timers.turn(Duration.ofMillis(4_900));
      full = false;
      timers.turn(Duration.ofMillis(100));
    }

    assertThat(reset).isFalse();
  }

  @Test
  void whereThereIsNothingToTellACommentKeepsTheConnection() {
    watching();
    written.clear();

    timers.turn(Duration.ofSeconds(14));
    assertThat(written).isEmpty();

    timers.turn(Duration.ofSeconds(1));
    assertThat(written).containsExactly(":\n\n");
  }
}
