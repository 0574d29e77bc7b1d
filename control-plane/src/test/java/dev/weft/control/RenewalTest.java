package dev.weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.Timers;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class RenewalTest {

  private static final Duration HALF = Duration.ofHours(12);

  private final List<Duration> waits = new ArrayList<>();
  private final Deque<Runnable> due = new ArrayDeque<>();
  private final Timers timers =
      (delay, task) -> {
        waits.add(delay);
        due.add(task);
        return () -> due.remove(task);
      };

  @Test
  void whatSucceedsIsDueAgainAfterTheWholeTime() {
    new Renewal(timers, HALF, Future::succeededFuture, bound -> 0).start();

    fire(2);

    assertThat(waits).containsExactly(HALF, HALF, HALF);
  }

  @Test
  void whatFailsIsTriedAgainEverLater() {
    new Renewal(timers, HALF, () -> Future.failedFuture("no"), bound -> 0).start();

    fire(12);

    assertThat(waits.stream().skip(1).map(Duration::toSeconds))
        .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 512L, 600L, 600L);
  }

  @Test
  void whatThrowsIsTriedAgainToo() {
    Supplier<Future<Void>> broken =
        () -> {
          throw new IllegalStateException("not listening");
        };
    new Renewal(timers, HALF, broken, bound -> 0).start();

    fire(2);

    assertThat(waits).containsExactly(HALF, Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  @Test
  void afterASuccessThePauseIsShortAgain() {
    Deque<Future<Void>> answers = new ArrayDeque<>();
    answers.add(Future.failedFuture("no"));
    answers.add(Future.failedFuture("no"));
    answers.add(Future.succeededFuture());
    answers.add(Future.failedFuture("no"));
    new Renewal(timers, HALF, answers::remove, bound -> 0).start();

    fire(4);

    assertThat(waits)
        .containsExactly(
            HALF, Duration.ofSeconds(1), Duration.ofSeconds(2), HALF, Duration.ofSeconds(1));
  }

  @Test
  void aPauseIsLengthenedByUpToAFifth() {
    new Renewal(timers, HALF, () -> Future.failedFuture("no"), bound -> bound - 1).start();

    fire(2);

    assertThat(waits).containsExactly(HALF, Duration.ofMillis(1200), Duration.ofMillis(2400));
  }

  @Test
  void whatIsRenewedNowTakesThePlaceOfWhatWasPlanned() {
    AtomicInteger renewed = new AtomicInteger();
    Renewal renewal =
        new Renewal(
            timers,
            HALF,
            () -> {
              renewed.incrementAndGet();
              return Future.succeededFuture();
            },
            bound -> 0);
    renewal.start();

    renewal.now();
    fire(1); // what was planned before

    assertThat(renewed).hasValue(1);
    assertThat(waits).containsExactly(HALF, HALF);
    fire(1);
    assertThat(renewed).hasValue(2);
  }

  private void fire(int times) {
    for (int i = 0; i < times; i++) {
      due.remove().run();
    }
  }
}
