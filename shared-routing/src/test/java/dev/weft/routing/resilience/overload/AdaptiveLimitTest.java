package dev.weft.routing.resilience.overload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Against a service with so many workers, by the millisecond, in time that is turned by hand. */
final class AdaptiveLimitTest {

  private static final int WORKERS = 50;

  private final AdaptiveLimit limit = new AdaptiveLimit();
  private SplittableRandom random = new SplittableRandom(7);
  private final PriorityQueue<long[]> working = // {when it ends, when it came}
      new PriorityQueue<>((one, other) -> Long.compare(one[0], other[0]));
  private final Deque<Long> waiting = new ArrayDeque<>();
  private long millis;
  private int workers = WORKERS;
  private int workMillis = 50; // so that 1 each millisecond is what it can do
  private boolean even; // each answer takes the same time, and comes at an even pace
  private double due; // of the next ones
  private int standing; // streams that are under way for hours
  private int shed;
  private int most; // under way
  private final List<Long> took = new ArrayList<>();

  /** Lets requests come for a while; forgets what was seen before. */
  private void come(double eachMilli, int forMillis) {
    shed = 0;
    most = 0;
    took.clear();
    for (long end = millis + forMillis; millis < end; millis++) {
      answer();
      ask(number(eachMilli));
      begin();
      if (millis % 100 == 0) {
        limit.look(millis * 1_000_000, standing + working.size() + waiting.size());
      }
    }
  }

  private void answer() {
    while (!working.isEmpty() && working.peek()[0] <= millis) {
      long since = working.poll()[1];
      took.add(millis - since);
      limit.answered((millis - since) * 1_000_000);
    }
  }

  private int number(double eachMilli) {
    if (!even) {
      return (int) eachMilli + (random.nextDouble() < eachMilli % 1 ? 1 : 0);
    }
    due += eachMilli;
    int now = (int) due;
    due -= now;
    return now;
  }

  private void ask(int requests) {
    for (int i = 0; i < requests; i++) {
      if (limit.admits(standing + working.size() + waiting.size() + 1)) {
        waiting.add(millis);
        most = Math.max(most, working.size() + waiting.size());
      } else {
        shed++;
      }
    }
  }

  private void begin() {
    while (!waiting.isEmpty() && working.size() < workers) {
      int work = even ? workMillis : random.nextInt(workMillis / 2, workMillis * 3 / 2);
      working.add(new long[] {millis + work, waiting.poll()});
    }
  }

  private long p99() {
    Collections.sort(took);
    return took.get(took.size() * 99 / 100);
  }

  @Test
  void nothingIsShedBelowWhatItCanDo() {
    come(0.8, 60_000);

    assertThat(shed).isZero();
    assertThat(limit.limit()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void atTwiceWhatItCanDoItDoesAllItCanAndWhoIsTakenWaitsLittle() {
    come(0.8, 10_000);
    long normal = p99();
    come(2, 3_000); // until it knows

    come(2, 60_000);

    assertThat(took).hasSizeGreaterThan(57_000); // of 60,000
    assertThat(p99()).isLessThanOrEqualTo(2 * normal);
    assertThat(shed).isGreaterThan(50_000);
    assertThat(limit.shed()).isGreaterThan(50_000);
  }

  @Test
  void aQuickServiceIsNotHeldToAHandful() {
    AdaptiveLimitTest quick = service(4, 4, 1); // 1 each millisecond is what it can do
    quick.come(0.7, 10_000);
    quick.come(2, 3_000); // until it knows

    quick.come(2, 10_000);

    assertThat(quick.limit.limit()).isBetween(20, 60); // 25 ms of what it does, and a little
    assertThat(quick.took).hasSizeGreaterThan(9_500); // of 10,000
    assertThat(quick.p99()).isLessThanOrEqualTo(60);
  }

  private static AdaptiveLimitTest service(int workers, int workMillis, int seed) {
    AdaptiveLimitTest service = new AdaptiveLimitTest();
    service.workers = workers;
    service.workMillis = workMillis;
    service.random = new SplittableRandom(seed);
    service.millis = 37L * seed; // it is looked at in the midst of something else each time
    return service;
  }

  @Test
  void theLimitDoesNotSwing() {
    for (int seed = 0; seed < 40; seed++) {
      AdaptiveLimitTest ten = service(10, 100, seed); // 0.1 each millisecond is what it can do
      ten.even = true;
      ten.come(0.05, 3_000);
      ten.come(0.08, 3_000);
      long normal = ten.p99();
      ten.come(0.2, 3_000); // until it knows

      ten.come(0.2, 5_000);

      assertThat(ten.p99()).as("seed %s", seed).isLessThanOrEqualTo(normal * 16 / 10);
      assertThat(ten.took.size()).as("of 500, seed %s", seed).isGreaterThan(475);
    }
  }

  @Test
  void aServiceOfFewIsNoticedWithinThreeSecondsToo() {
    for (int workers = 3; workers <= 7; workers++) {
      for (int seed = 0; seed < 40; seed++) {
        AdaptiveLimitTest few = service(workers, 100, seed);
        double capacity = workers / 100.0; // each millisecond
        few.even = true;
        few.come(capacity * 0.5, 3_000);
        few.come(capacity * 0.8, 3_000);
        long normal = few.p99();
        few.come(capacity * 2, 3_000); // until it knows

        few.come(capacity * 2, 5_000);

        String which = "%d workers, seed %d".formatted(workers, seed);
        assertThat(few.p99()).as(which).isLessThanOrEqualTo(2 * normal);
        assertThat(few.took.size()).as(which).isGreaterThan((int) (capacity * 5_000 * 0.95));
      }
    }
  }

  @Test
  void aServiceOfFewShedsNothingBelowWhatItCanDo() {
    for (int seed = 0; seed < 40; seed++) {
      AdaptiveLimitTest two = service(2, 100, seed);

      two.come(0.016, 60_000); // four fifths of it, at random

      assertThat(two.shed).as("seed %d", seed).isZero();
    }
  }

  @Test
  void aTimeThatWasTakenForTooShortStarvesNobody() {
    for (int seed = 0; seed < 40; seed++) {
      AdaptiveLimitTest fifty = service(50, 50, seed);
      fifty.come(0.5, 3_000); // the first answers are the quick ones
      fifty.come(0.8, 3_000);
      fifty.come(2, 3_000);

      fifty.come(2, 60_000);

      assertThat(fifty.took.size()).as("of 60,000, seed %s", seed).isGreaterThan(57_000);
    }
  }

  @Test
  void aLittleTooMuchIsNoticedToo() {
    come(0.8, 10_000);
    long normal = p99();

    come(1.1, 10_000);
    come(1.1, 30_000);

    assertThat(took).hasSizeGreaterThan(28_500);
    assertThat(p99()).isLessThanOrEqualTo(3 * normal);
  }

  @Test
  void threeSecondsLaterEverythingIsTakenAgain() {
    come(0.8, 10_000);
    come(2, 20_000);

    come(0.5, 3_000);
    come(0.5, 10_000);

    assertThat(shed).isZero();
    assertThat(limit.limit()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void moreThatComesAgainAtOnceFindsTheLimit() {
    come(0.8, 10_000);
    come(2, 20_000);
    int held = most;

    come(0.5, 600);
    come(2, 10_000);

    assertThat(held).isGreaterThan(8 * WORKERS); // before there was evidence
    assertThat(most).isLessThan(4 * WORKERS);
    assertThat(took).hasSizeGreaterThan(9_500); // of 10,000
  }

  @Test
  void aServiceThatBecomesMuchSlowerLosesNextToNothing() {
    come(0.1, 10_000);
    workMillis = 400; // still below what it can do

    come(0.1, 60_000);

    assertThat(shed).isLessThan(120); // of 6,000, while it looks whether less at once is quicker
  }

  @Test
  void aServiceThatBecomesALittleSlowerLosesNothing() {
    come(0.5, 10_000);
    workMillis = 80; // still below what it can do

    come(0.5, 60_000);

    assertThat(shed).isZero();
  }

  @Test
  void aServiceThatHasJustBegunIsGivenTheTimeToBecomeQuick() {
    for (int seed = 0; seed < 40; seed++) {
      AdaptiveLimitTest cold = service(2, 80, seed); // 0.025 each millisecond is what it can do
      int lost = 0;
      for (int age = 0; age < 10_000; age += 100) {
        cold.workMillis = 2 + (int) (80 * Math.exp(-age / 700.0)); // it compiles, and fills caches
        cold.come(0.3, 100);
        lost += cold.shed;
      }

      assertThat(lost).as("shed with seed %d", seed).isZero();
    }
  }

  @Test
  void aBurstThatDrainsIsNoOverload() {
    come(0.3, 10_000);

    for (int i = 0; i < 20; i++) {
      come(20, 20); // 400 at once
      assertThat(shed).isZero();
      come(0.3, 2_000);
      assertThat(shed).isZero();
    }
  }

  @Test
  void aServiceThatBecomesSlowerWhileItHoldsIsNotStarved() {
    come(0.8, 10_000);
    come(2, 10_000);
    workMillis = 200; // a quarter of what it could do

    come(2, 10_000);
    come(2, 30_000);

    assertThat(took).hasSizeGreaterThan(6_700); // of 7,500
  }

  @Test
  void streamsThatDoNotEndHoldNobodyBack() {
    standing = 2000;
    come(0.5, 10_000);
    workMillis = 400; // a quarter of what comes
    come(0.5, 10_000);
    workMillis = 50;

    come(0.5, 5_000);
    come(0.5, 10_000);

    assertThat(shed).isZero();
  }

  @Test
  void whileStreamsStandItDoesAllItCanToo() {
    standing = 2000;
    come(0.8, 10_000);
    come(3, 15_000); // until it knows which of them do not end
    come(3, 30_000);

    assertThat(took).hasSizeGreaterThan(27_000); // of 30,000
    assertThat(most).isLessThan(1000);
  }

  @Test
  void callsThatHangHoldNobodyBack() {
    come(0.8, 10_000);
    come(2, 10_000);
    standing = 400; // more than it takes at once now: they will never be answered

    come(0.5, 5_000);
    come(0.5, 10_000);

    assertThat(shed).isZero();
  }

  @Test
  void takenBackItShedsNothing() {
    come(0.8, 10_000);
    come(2, 5_000);

    limit.free();

    assertThat(limit.admits(1_000_000)).isTrue();
  }

  @Test
  void whoIsNotAskedNeedNotBeLookedAtUntilHeIs() {
    limit.look(1_000_000_000, 0);
    assertThat(limit.idle()).isTrue();

    limit.owes();
    assertThat(limit.idle()).isFalse();
    limit.answered(1_000_000);
    limit.settles();
    limit.look(1_500_000_000, 0);
    assertThat(limit.idle()).as("an answer is yet to be looked at").isFalse();
    limit.look(2_500_000_000L, 0);
    limit.look(3_500_000_000L, 0);
    assertThat(limit.idle()).isTrue();

    limit.off();
    assertThat(limit.idle()).as("it does not learn until it is looked at").isFalse();
  }

  @Test
  void afterAnHourOfRestItKnowsTheUsualTimeStill() {
    come(0.8, 10_000);
    long normal = p99();
    come(0, 3_000);
    assertThat(took).isNotEmpty();
    millis += 3_600_000; // nobody looks
    come(0.8, 1_000);
    come(2, 3_000); // until it knows

    come(2, 10_000);

    assertThat(took).hasSizeGreaterThan(9_500); // of 10,000
    assertThat(p99()).isLessThanOrEqualTo(2 * normal);
  }
}
