package dev.weft.kubernetes.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PaceTest {

  private final Stopped thread = new Stopped();
  private final List<String> made = new ArrayList<>();
  private double chance;
  private long now = Long.MAX_VALUE - 5; // the time may wrap around
  private final Pace pace =
      new Pace(
          new Ticker() {
            @Override
            public long nanos() {
              return now;
            }

            @Override
            public long epochMillis() {
              return 0;
            }
          },
          () -> chance);

  /** Runs nothing by itself, and knows what was asked of it. */
  private static final class Stopped extends ScheduledThreadPoolExecutor {

    private final List<Long> delays = new ArrayList<>();
    private final List<Runnable> tasks = new ArrayList<>();

    Stopped() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      delays.add(unit.toMillis(delay));
      tasks.add(task);
      return super.schedule(() -> {}, 1, TimeUnit.DAYS);
    }
  }

  @AfterEach
  void close() {
    thread.shutdownNow();
  }

  @Test
  void pausesGrowToThreeSecondsAndChanceShortensThemByUpToHalf() {
    for (int failures : new int[] {1, 2, 3, 4, 5, 60}) {
      failed(failures);
      now += TimeUnit.SECONDS.toNanos(60);
    }
    assertThat(thread.delays).containsExactly(250L, 500L, 1000L, 2000L, 3000L, 3000L);

    chance = 1;
    failed(60);
    assertThat(thread.delays).endsWith(1500L);
  }

  @Test
  void thePauseCountsFromTheBeginningOfTheAttempt() {
    now += Duration.ofSeconds(10).toNanos();
    long began = now;
    now += Duration.ofSeconds(2).toNanos(); // nobody answered for so long

    pace.again(thread, 60, began, false, () -> {});

    assertThat(thread.delays).containsExactly(1000L);
  }

  @Test
  void ofManyOneAfterTheOtherAsks() {
    for (int i = 0; i < 4; i++) {
      failed(1);
    }

    assertThat(thread.delays).containsExactly(250L, 1050L, 1850L, 2650L);
  }

  @Test
  void ofManyWhoseTurnCameWhileTheMachineStoodStillOneAfterTheOtherAsks() {
    for (String one : List.of("one", "two", "three")) {
      pace.again(thread, 1, now, false, () -> made.add(one));
    }

    after(Duration.ofSeconds(5));
    assertThat(made).containsExactly("one");
    after(Pace.APART);
    assertThat(made).containsExactly("one", "two");
    after(Pace.APART);
    assertThat(made).containsExactly("one", "two", "three");
    pace.again(thread, 0, now, false, () -> made.add("four"));
    assertThat(thread.delays).endsWith(Pace.APART.toMillis());
  }

  /** Each that was ever asked for runs then, also what was put off. */
  private void after(Duration time) {
    now += time.toNanos();
    List.copyOf(thread.tasks).forEach(Runnable::run);
  }

  @Test
  void onceOneSucceedsTheOthersAskAtOnceAndEachOnce() {
    pace.again(thread, 5, now, false, () -> made.add("one"));
    pace.again(thread, 5, now, false, () -> made.add("two"));
    pace.again(thread, 5, now, true, () -> made.add("patient"));

    pace.works();

    assertThat(thread.delays.subList(3, 5)).containsExactly(0L, 0L);
    thread.tasks.forEach(Runnable::run);
    assertThat(made).containsExactlyInAnyOrder("one", "two", "patient");
  }

  @Test
  void whatTheServerAsksForIsGivenToAllThatWaitAndToAllThatComeInTurn() {
    failed(1);
    failed(1);

    pace.leaveAlone(Duration.ofSeconds(7));
    failed(1);

    assertThat(thread.delays).containsExactly(250L, 1050L, 7000L, 7800L, 8600L);
    List.copyOf(thread.tasks).forEach(Runnable::run);
    assertThat(pace.left()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void oneThatSucceedsShortensThePausesButNotWhatTheServerAskedFor() {
    pace.leaveAlone(Duration.ofSeconds(2));
    pace.again(thread, 5, now, false, () -> made.add("one")); // after three seconds

    pace.works();

    assertThat(thread.delays).containsExactly(3000L, 2000L);
  }

  @Test
  void aShorterWishDoesNotEndALongerOneAndNoneIsLongerThanThirtySeconds() {
    pace.leaveAlone(Duration.ofDays(3));
    pace.leaveAlone(Duration.ofSeconds(1));
    failed(1);

    assertThat(thread.delays).containsExactly(30_000L);
  }

  @Test
  void whatWasAskedForIsOverOnce() {
    pace.leaveAlone(Duration.ofSeconds(7));
    assertThat(pace.failing()).isTrue();
    now += Duration.ofSeconds(8).toNanos();

    failed(1);

    assertThat(thread.delays).containsExactly(250L);
    assertThat(pace.failing()).isFalse();
    assertThat(pace.left()).isZero();
  }

  private void failed(int failures) {
    pace.again(thread, failures, now, false, () -> {});
  }
}
