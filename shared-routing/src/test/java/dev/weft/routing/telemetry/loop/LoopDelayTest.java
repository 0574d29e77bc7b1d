package dev.weft.routing.telemetry.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.Timers.Timer;
import dev.weft.routing.telemetry.Histogram;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

final class LoopDelayTest {

  private final LoopDelay delay = new LoopDelay();
  private final Deque<Runnable> due = new ArrayDeque<>();
  private long now;

  private Timer after(Duration pause, Runnable task) {
    assertThat(pause).isEqualTo(Duration.ofMillis(500));
    due.add(task);
    return () -> due.remove(task);
  }

  private void fires(int millis) {
    now += Duration.ofMillis(millis).toNanos();
    due.remove().run();
  }

  private void begin() {
    delay.begin(
        this::after,
        new Ticker() {
          @Override
          public long nanos() {
            return now;
          }

          @Override
          public long epochMillis() {
            return 0;
          }
        });
  }

  @Test
  void whatBeginsLateIsCountedByHowLateItIs() {
    begin();

    fires(500);
    fires(540);
    fires(800);

    Histogram seen = delay.millis();
    assertThat(seen.count()).isEqualTo(3);
    assertThat(seen.sum()).as("milliseconds, each from when it was due").isEqualTo(340);
    assertThat(seen.counts()).startsWith(1L, 0L, 0L, 0L, 0L, 1L, 0L, 0L, 1L);
    assertThat(due).as("it goes on").hasSize(1);
  }

  @Test
  void whoEndsItHearsNothingMore() {
    begin();

    delay.end();

    assertThat(due).isEmpty();
    assertThat(delay.millis().count()).isZero();
  }
}
