package dev.weft.routing.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.clock.Timers.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LanedTimersTest {

  private final HandTimers hand = new HandTimers();
  private final LanedTimers timers = new LanedTimers(hand, hand);
  private final List<String> ran = new ArrayList<>();

  private Timer after(int millis, String name) {
    return timers.after(Duration.ofMillis(millis), () -> ran.add(name));
  }

  private void turn(int millis) {
    hand.turn(Duration.ofMillis(millis));
  }

  @Test
  void eachRunsWhenItIsDueAndNotBefore() {
    after(100, "a");
    turn(40);
    after(100, "b");
    after(20, "c");

    turn(20);
    assertThat(ran).containsExactly("c");
    turn(39);
    assertThat(ran).containsExactly("c");
    turn(1);
    assertThat(ran).containsExactly("c", "a");
    turn(40);
    assertThat(ran).containsExactly("c", "a", "b");
  }

  @Test
  void whatIsCancelledDoesNotRun() {
    Timer first = after(10, "first");
    after(10, "middle").cancel();
    Timer last = after(10, "last");
    first.cancel();
    first.cancel();

    turn(10);
    last.cancel();
    turn(100);

    assertThat(ran).containsExactly("last");
  }

  @Test
  void manyOfOneDelayHaveOneTimerUnderneath() {
    for (int i = 0; i < 1000; i++) {
      after(50, "never").cancel();
      after(50, "once");
    }

    assertThat(hand.pending()).isEqualTo(1);
    turn(50);
    assertThat(ran).hasSize(1000).containsOnly("once");
    assertThat(hand.pending()).isZero();
  }

  @Test
  void delaysThatAreEachAnotherLeaveNothingBehind() {
    for (int i = 0; i < 1000; i++) {
      after(100_000 + i, "never").cancel();
    }

    assertThat(hand.pending()).isLessThan(100);
  }

  @Test
  void thereMayBeAnyNumberOfDelays() {
    for (int i = 0; i < 1000; i++) {
      after(10 + i, "t" + i);
    }

    turn(509);
    assertThat(ran).hasSize(500).startsWith("t0").endsWith("t499");
    turn(500);
    assertThat(ran).hasSize(1000).doesNotHaveDuplicates();
  }

  @Test
  void aTaskMaySetTheNext() {
    timers.after(Duration.ofMillis(10), () -> after(10, "second"));

    turn(19);
    assertThat(ran).isEmpty();
    turn(1);

    assertThat(ran).containsExactly("second");
  }

  @Test
  void aTaskThatThrowsHoldsNobodyUp() {
    timers.after(
        Duration.ofMillis(10),
        () -> {
          throw new IllegalStateException("bug");
        });
    after(10, "other");

    assertThatThrownBy(() -> turn(10)).hasMessage("bug");
    turn(10);

    assertThat(ran).containsExactly("other");
  }

  @Test
  void nothingIsTooShort() {
    timers.after(Duration.ZERO, () -> ran.add("now"));

    turn(1);

    assertThat(ran).containsExactly("now");
  }

  @Test
  void theyRunAsThoseUnderneathWould() {
    HandTimers plain = new HandTimers();
    List<String> expected = new ArrayList<>();
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      String name = "t" + i;
      Duration delay = Duration.ofMillis(1 + random.nextInt(20));
      Timer mine = timers.after(delay, () -> ran.add(name));
      Timer theirs = plain.after(delay, () -> expected.add(name));
      if (random.nextInt(3) == 0) {
        mine.cancel();
        theirs.cancel();
      }
      if (random.nextInt(4) == 0) {
        turn(1);
        plain.turn(Duration.ofMillis(1));
        assertThat(ran).containsExactlyInAnyOrderElementsOf(expected);
      }
    }
  }
}
