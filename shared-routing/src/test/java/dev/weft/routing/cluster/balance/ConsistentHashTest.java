package dev.weft.routing.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ConsistentHash;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.config.model.TrafficPolicy.HashTable;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.telemetry.HandTicker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What ring and Maglev promise: a key stays, shares are even, little moves when one goes. */
final class ConsistentHashTest {

  private static final HashTable RING = new HashTable.Ring(1024);
  private static final HashTable MAGLEV = new HashTable.Maglev(65_537);
  private static final HashTable LARGE_MAGLEV = new HashTable.Maglev(655357);
  private static final int KEYS = 200_000;

  static Stream<Arguments> tables() {
    return Stream.concat(
        Stream.of(2, 3, 4, 5, 10, 30)
            .flatMap(n -> Stream.of(Arguments.of(RING, n), Arguments.of(MAGLEV, n))),
        Stream.of(Arguments.of(RING, 100), Arguments.of(LARGE_MAGLEV, 100)));
  }

  @ParameterizedTest
  @MethodSource("tables")
  void whenOneGoesAtMostItsPartAndAFifthMoves(HashTable table, int count) {
    List<Endpoint> all = Candidates.even(count);
    LoadBalancer before = balancer(table, all);
    double worst = 0;
    for (int gone = 0; gone < count; gone += Math.max(1, count / 10)) {
      List<Endpoint> left = new ArrayList<>(all);
      left.remove(gone);
      LoadBalancer after = balancer(table, left);

      int moved = 0;
      SplittableRandom keys = new SplittableRandom(11);
      for (int i = 0; i < KEYS; i++) {
        OptionalLong key = OptionalLong.of(keys.nextLong());
        Endpoint first = all.get(before.choose(0, key, 0));
        moved += left.get(after.choose(0, key, 0)) == first ? 0 : 1;
      }
      worst = Math.max(worst, (double) moved / KEYS * count);
    }

    assertThat(worst).as("moved, in parts of 1/%s", count).isBetween(0.5, 1.2);
  }

  @ParameterizedTest
  @MethodSource("tables")
  void sharesAreEven(HashTable table, int count) {
    LoadBalancer balancer = balancer(table, Candidates.even(count));

    long[] counts = new long[count];
    SplittableRandom keys = new SplittableRandom(5);
    for (int i = 0; i < KEYS; i++) {
      counts[balancer.choose(0, OptionalLong.of(keys.nextLong()), 0)]++;
    }

    double even = (double) KEYS / count;
    LongStream.of(counts).forEach(own -> assertThat(own / even).isBetween(0.8, 1.2));
  }

  @Test
  void sharesFollowWeights() {
    for (HashTable table : List.of(RING, MAGLEV)) {
      LoadBalancer balancer = balancer(table, Candidates.weighted(1, 2, 7));

      long[] counts = new long[3];
      SplittableRandom keys = new SplittableRandom(5);
      for (int i = 0; i < KEYS; i++) {
        counts[balancer.choose(0, OptionalLong.of(keys.nextLong()), 0)]++;
      }

      assertThat(counts[0] / (KEYS * 0.1)).as("%s", table).isBetween(0.85, 1.15);
      assertThat(counts[1] / (KEYS * 0.2)).as("%s", table).isBetween(0.9, 1.1);
      assertThat(counts[2] / (KEYS * 0.7)).as("%s", table).isBetween(0.95, 1.05);
    }
  }

  @Test
  void aRingOfWeightsThatAreFarApartFitsInMemory() {
    int heavy = 200;
    int[] weights = new int[2 * heavy + 1];
    Arrays.fill(weights, 1);
    Arrays.fill(weights, 0, heavy, 1_000_000);
    LoadBalancer balancer = balancer(RING, Candidates.weighted(weights));

    long[] counts = new long[weights.length];
    SplittableRandom keys = new SplittableRandom(5);
    for (int i = 0; i < KEYS; i++) {
      counts[balancer.choose(0, OptionalLong.of(keys.nextLong()), 0)]++;
    }

    double even = (double) KEYS / heavy;
    LongStream.of(counts).limit(heavy).forEach(own -> assertThat(own / even).isBetween(0.8, 1.2));
  }

  @Test
  void theRoundsOfAKeyAlwaysLeadThroughTheSameAndOthers() {
    for (HashTable table : List.of(RING, MAGLEV)) {
      LoadBalancer balancer = balancer(table, Candidates.even(10));
      int others = 0;
      for (int i = 0; i < 1000; i++) {
        OptionalLong key = OptionalLong.of(new SplittableRandom(i).nextLong());
        int first = balancer.choose(1, key, 0);
        int second = balancer.choose(2, key, 1);

        assertThat(balancer.choose(3, key, 0)).isEqualTo(first);
        assertThat(balancer.choose(4, key, 1)).isEqualTo(second);
        others += first != second ? 1 : 0;
      }

      assertThat(others).as("%s", table).isGreaterThan(850);
    }
  }

  @Test
  void whatFollowsOnTheRingIsWhoWouldOwnTheKeyWithoutTheFirst() {
    List<Endpoint> all = Candidates.even(10);
    LoadBalancer balancer = balancer(RING, all);
    SplittableRandom keys = new SplittableRandom(3);

    for (int i = 0; i < 1000; i++) {
      OptionalLong key = OptionalLong.of(keys.nextLong());
      Endpoint first = all.get(balancer.choose(0, key, 0));
      List<Endpoint> left = all.stream().filter(one -> one != first).toList();

      Endpoint next = all.get(balancer.choose(0, key, 1));

      if (i % 50 == 0) { // another ring is dear
        assertThat(left.get(balancer(RING, left).choose(0, key, 0))).isSameAs(next);
      }
      assertThat(next).isNotSameAs(first);
    }
  }

  @Test
  void withoutAKeyChanceDecides() {
    for (HashTable table : List.of(RING, MAGLEV)) {
      LoadBalancer balancer = balancer(table, Candidates.even(4));

      long[] counts = Candidates.counts(balancer, 4, 100_000, 0);

      assertThat(ChiSquare.deviations(counts, 1, 1, 1, 1)).as("%s", table).isLessThan(4);
    }
  }

  private static LoadBalancer balancer(HashTable table, List<Endpoint> endpoints) {
    ConsistentHash hash = new ConsistentHash(new HashKey.SourceIp(), table);
    return LoadBalancers.of(TrafficPolicy.LoadBalancer.of(hash), endpoints, new HandTicker());
  }
}
