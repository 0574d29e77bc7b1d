package dev.weft.routing.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.telemetry.HandTicker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** That each balancer gives each endpoint what it is due. */
final class LoadBalancersTest {

  private static final int TIMES = 200_000;

  private final HandTicker ticker = new HandTicker();

  @Test
  void inTurnEachGetsExactlyItsWeightInEveryCycle() {
    LoadBalancer balancer = Candidates.of(Simple.ROUND_ROBIN, Candidates.weighted(5, 1, 2), ticker);

    for (int cycle = 0; cycle < 3; cycle++) {
      assertThat(Candidates.counts(balancer, 3, 8, 0)).containsExactly(5, 1, 2);
    }
  }

  @Test
  void theTurnOfOneThatIsOfNoUseGoesToAllOthers() {
    LoadBalancer balancer = Candidates.of(Simple.ROUND_ROBIN, Candidates.even(5), ticker);

    long[] counts = Candidates.counts(balancer, 5, TIMES, 1);

    assertThat(ChiSquare.deviations(counts, 1, 1, 1, 1, 1)).isLessThan(4);
  }

  @Test
  void proxiesBeginAtDifferentEndpoints() {
    List<Endpoint> all = Candidates.even(10);
    long[] first = new long[10];
    for (int i = 0; i < 1000; i++) {
      ticker.turn(Duration.ofNanos(1));
      first[Candidates.of(Simple.ROUND_ROBIN, all, ticker).choose(0, OptionalLong.empty(), 0)]++;
    }

    assertThat(ChiSquare.deviations(first, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)).isLessThan(4);
  }

  @Test
  void chanceFollowsTheWeights() {
    LoadBalancer balancer = Candidates.of(Simple.RANDOM, Candidates.weighted(1, 2, 3, 10), ticker);

    long[] counts = Candidates.counts(balancer, 4, TIMES, 0);

    assertThat(ChiSquare.deviations(counts, 1, 2, 3, 10)).isLessThan(4);
  }

  @Test
  void idleOnesGetWhatTheirWeightsSay() {
    for (Simple simple : List.of(Simple.LEAST_REQUEST, Simple.PEAK_EWMA)) {
      List<Endpoint> all = Candidates.weighted(1, 2, 3, 10);
      all.forEach(one -> one.latency().answered(5_000_000, ticker.nanos()));

      long[] counts = Candidates.counts(Candidates.of(simple, all, ticker), 4, TIMES, 0);

      assertThat(ChiSquare.deviations(counts, 1, 2, 3, 10)).as("%s", simple).isLessThan(4);
    }
  }

  @Test
  void theBusierOfTwoIsNotChosen() {
    List<Endpoint> two = Candidates.even(2);
    two.get(0).inFlight().set(3);
    two.get(1).inFlight().set(2);

    long[] counts = Candidates.counts(Candidates.of(Simple.LEAST_REQUEST, two, ticker), 2, 1000, 0);

    assertThat(counts).containsExactly(0, 1000);
  }

  @Test
  void twoChoicesKeepTheLongestQueueShort() {
    long byChance = longest(Simple.RANDOM);
    long byTwo = longest(Simple.LEAST_REQUEST);

    assertThat(byChance).as("of ten each").isGreaterThan(20);
    assertThat(byTwo).as("of ten each").isLessThanOrEqualTo(15);
  }

  /** The most under way at one of 100, with 1,000 under way that end in the order they began. */
  private long longest(Simple simple) {
    List<Endpoint> all = Candidates.even(100);
    LoadBalancer balancer = Candidates.of(simple, all, ticker);
    SplittableRandom random = new SplittableRandom(3);
    Deque<Endpoint> underWay = new ArrayDeque<>();
    long longest = 0;
    for (int i = 0; i < 50_000; i++) {
      Endpoint chosen = all.get(balancer.choose(random.nextLong(), OptionalLong.empty(), 0));
      longest = Math.max(longest, chosen.inFlight().incrementAndGet());
      underWay.add(chosen);
      if (underWay.size() > 1000) {
        underWay.remove().inFlight().decrementAndGet();
      }
    }
    return longest;
  }

  @Test
  void whoAnswersSoonerGetsMore() {
    List<Endpoint> all = Candidates.even(10);
    for (int i = 0; i < 10; i++) {
      all.get(i).latency().answered(i == 0 ? 100_000_000 : 5_000_000, ticker.nanos());
    }

    long[] counts = Candidates.counts(Candidates.of(Simple.PEAK_EWMA, all, ticker), 10, TIMES, 0);

    assertThat(counts[0]).as("the slow one").isZero();
    assertThat(Arrays.stream(counts).skip(1).min().orElse(0)).isGreaterThan(TIMES / 10);
  }

  @Test
  void oneThatWasSlowIsAskedAgainAfterAWhile() {
    List<Endpoint> two = Candidates.even(2);
    two.get(0).latency().answered(40_000_000, ticker.nanos());
    ticker.turn(Duration.ofSeconds(30));
    two.get(1).latency().answered(5_000_000, ticker.nanos());

    long[] counts = Candidates.counts(Candidates.of(Simple.PEAK_EWMA, two, ticker), 2, 1000, 0);

    assertThat(counts[0]).isPositive();
  }

  @Test
  void oneOfWhichNothingIsKnownIsTriedOnce() {
    List<Endpoint> two = Candidates.even(2);
    two.get(0).latency().answered(1_000_000, ticker.nanos());
    LoadBalancer balancer = Candidates.of(Simple.PEAK_EWMA, two, ticker);

    assertThat(Candidates.counts(balancer, 2, 100, 0)).containsExactly(0, 100);
    two.get(1).inFlight().set(1);
    assertThat(Candidates.counts(balancer, 2, 100, 0)).containsExactly(100, 0);
  }
}
