package dev.weft.routing.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ConsistentHash;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.config.model.TrafficPolicy.HashTable;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.config.model.TrafficPolicy.OutlierDetection;
import dev.weft.config.model.TrafficPolicy.Warmup;
import dev.weft.config.model.balance.HealthCheck;
import dev.weft.config.model.balance.HealthCheck.Probe;
import dev.weft.config.model.balance.Locality;
import dev.weft.config.model.balance.LocalityPolicy;
import dev.weft.config.model.balance.LocalityPolicy.Distribute;
import dev.weft.config.model.balance.LocalityPolicy.Share;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.balance.Candidates;
import dev.weft.routing.cluster.balance.ChiSquare;
import dev.weft.routing.cluster.balance.Vantage;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.resilience.AlwaysClosed;
import dev.weft.routing.telemetry.HandTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Who gets what share of the requests: new ones, near ones, ones that are not well. */
final class BalancedTest {

  private static final ClusterName NAME = ClusterName.outbound("b.test", 80, "");
  private static final int TIMES = 100_000;
  private static final Warmup TEN_SECONDS = new Warmup(Duration.ofSeconds(10), 10, 1);
  private static final List<Simple> WARMED =
      List.of(Simple.ROUND_ROBIN, Simple.LEAST_REQUEST, Simple.PEAK_EWMA);

  private static final HealthCheck CHECK =
      new HealthCheck(
          new Probe.Tcp(),
          OptionalInt.empty(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          3,
          2);

  private final HandTicker ticker = new HandTicker();
  private final SplittableRandom random = new SplittableRandom(42);

  @Test
  void aNewcomersShareGrowsWithItsAge() {
    for (Simple simple : WARMED) {
      List<Endpoint> four = Candidates.weighted(1, 1, 1, 2);
      Upstream upstream = upstream(warmed(simple), Vantage.UNKNOWN, four.subList(0, 3));
      endpoints(upstream, four);

      assertShares(upstream, four, 1, 1, 1, 0.2);
      ticker.turn(Duration.ofSeconds(5));
      assertShares(upstream, four, 1, 1, 1, 1);
      ticker.turn(Duration.ofSeconds(5));
      assertShares(upstream, four, 1, 1, 1, 2);
    }
  }

  @Test
  void ofNewcomersAloneNobodyIsPutBack() {
    List<Endpoint> five = Candidates.even(5);
    Upstream upstream = upstream(warmed(Simple.ROUND_ROBIN), Vantage.UNKNOWN, five.subList(0, 1));
    endpoints(upstream, five.subList(1, 3));
    ticker.turn(Duration.ofSeconds(4));
    endpoints(upstream, five.subList(1, 4)); // ages 4, 4 and 0

    assertShares(upstream, five.subList(1, 4), 0.4, 0.4, 0.1);
    assertThat(upstream.standing(five.get(3)).warmth()).isEqualTo(0.1);
  }

  @Test
  void theFirstEndpointsAreNotNew() {
    List<Endpoint> two = Candidates.weighted(1, 3);
    Upstream upstream = upstream(warmed(Simple.ROUND_ROBIN), Vantage.UNKNOWN, two);

    assertThat(upstream.standing(two.get(0)).warmth()).isEqualTo(1);
    assertShares(upstream, two, 1, 3);
  }

  @Test
  void aWeightThatChangesKeepsTheEndpoint() {
    List<Endpoint> two = Candidates.weighted(1, 1);
    Upstream upstream = upstream(simple(Simple.RANDOM), Vantage.UNKNOWN, two);

    endpoints(upstream, Candidates.weighted(1, 4));

    assertThat(upstream.endpoints().endpoints()).containsExactlyElementsOf(two);
    assertThat(two).noneMatch(Endpoint::left);
    assertShares(upstream, two, 1, 4);
  }

  @Test
  void theNearOnesGetEverythingWhileTheyCan() {
    List<Endpoint> all = Candidates.standing("eu/a", "eu/a", "eu/b", "us/a");
    Upstream upstream = upstream(outliers(), at("eu/a"), all);
    assertShares(upstream, all.subList(0, 2), 1, 1);

    eject(upstream, all.get(0));

    long[] counts = counts(upstream, all);
    assertThat(counts[0]).isZero();
    assertThat(ChiSquare.deviations(new long[] {counts[1], counts[2]}, 70, 30)).isLessThan(4);
    assertThat(counts[3]).isZero();
    assertThat(upstream.standing(all.get(2)).share()).isEqualTo(0.3);

    eject(upstream, all.get(1));
    eject(upstream, all.get(2));
    assertThat(counts(upstream, all)).containsExactly(0, 0, 0, TIMES);

    ticker.turn(Duration.ofSeconds(31));
    upstream.sweep();
    all.subList(0, 3).forEach(back -> upstream.answered(back, 200));
    assertShares(upstream, all.subList(0, 2), 1, 1);
  }

  @Test
  void aRetryLeavesTheNearGroupWhenItIsTried() {
    List<Endpoint> all = Candidates.standing("eu/a", "eu/b");
    Upstream upstream = upstream(outliers(), at("eu/a"), all);
    upstream.failed(all.get(0), Cause.CONNECT_REFUSED);

    assertThat(upstream.pick(new Pick(1, OptionalLong.empty(), List.of(all.get(0)))))
        .contains(all.get(1));
  }

  @Test
  void sharesOfLocalitiesAreKept() {
    List<Endpoint> all = Candidates.standing("eu/a", "eu/a", "eu/b", "us/a");
    Upstream upstream = upstream(distributed(), at("eu/a/r1"), all);

    long[] counts = counts(upstream, all);

    assertThat(ChiSquare.deviations(new long[] {counts[0], counts[1], counts[2]}, 40, 40, 20))
        .isLessThan(4);
    assertThat(counts[3]).as("in none of them").isZero();
    assertThat(upstream.standing(all.get(3)).group()).isEmpty();
  }

  @Test
  void whereNoneIsInTheNamedLocalitiesTheReasonIsTold() {
    Upstream upstream = upstream(distributed(), at("eu/a/r1"), Candidates.standing("us/a", "us/b"));

    assertThat(pick(upstream, OptionalLong.empty())).isEmpty();
    assertThat(upstream.why())
        .isEqualTo("none of its endpoints is in a locality that localityLbSetting names");
  }

  @Test
  void theKeysOfOneThatIsEjectedGoAlwaysToTheSameOther() {
    for (HashTable table : List.of(new HashTable.Ring(1024), new HashTable.Maglev(65_537))) {
      List<Endpoint> all = Candidates.even(10);
      Upstream upstream = upstream(hashed(table), Vantage.UNKNOWN, all);
      List<Endpoint> before = owners(upstream);

      eject(upstream, all.get(4));

      List<Endpoint> after = owners(upstream);
      int moved = 0;
      for (int key = 0; key < before.size(); key++) {
        boolean stayed = after.get(key) == before.get(key);
        moved += stayed ? 0 : 1;
        assertThat(stayed).isEqualTo(before.get(key) != all.get(4));
      }
      assertThat(owners(upstream)).as("again").isEqualTo(after);
      assertThat(moved).isBetween(1, (int) (before.size() * 1.2 / 10));
    }
  }

  @Test
  void oneThatFailsItsCheckGetsNothingUnlessAllDo() {
    List<Endpoint> three = Candidates.even(3);
    Upstream upstream = upstream(simple(Simple.ROUND_ROBIN), Vantage.UNKNOWN, three);

    assertThat(upstream.checked(three.get(0), CHECK, false)).as("news").isTrue();
    assertThat(upstream.checked(three.get(0), CHECK, false)).as("no news").isFalse();
    assertThat(counts(upstream, three)[0]).isZero();

    upstream.checked(three.get(1), CHECK, false);
    upstream.checked(three.get(2), CHECK, false);
    assertThat(counts(upstream, three)).doesNotContain(0);

    upstream.checked(three.get(1), CHECK, true);
    assertThat(counts(upstream, three)).containsExactly(0, TIMES, 0);
  }

  @Test
  void oneThatRecoversWarmsUpAgain() {
    List<Endpoint> two = Candidates.even(2);
    Upstream upstream = upstream(warmed(Simple.ROUND_ROBIN), Vantage.UNKNOWN, two);
    upstream.checked(two.get(0), CHECK, true);
    assertShares(upstream, two, 1, 1);

    upstream.checked(two.get(0), CHECK, false);
    upstream.checked(two.get(0), CHECK, true);

    assertShares(upstream, two, 0.1, 1);
  }

  @Test
  void whatFailsFastDoesNotAttract() {
    List<Endpoint> two = Candidates.even(2);
    Upstream upstream = upstream(simple(Simple.PEAK_EWMA), Vantage.UNKNOWN, two);
    assertThat(upstream.measures()).isTrue();
    upstream.measured(two.get(1), 200, Duration.ZERO, 20_000_000);

    for (int i = 0; i < 8; i++) {
      upstream.measured(two.get(0), 503, Duration.ZERO, 100_000);
    }
    assertThat(counts(upstream, two)).containsExactly(0, TIMES);

    upstream.measured(two.get(1), 429, Duration.ofSeconds(5), 100_000);
    assertThat(counts(upstream, two)).containsExactly(TIMES, 0);
  }

  private static TrafficPolicy simple(Simple simple) {
    return TrafficPolicy.NONE.balancedBy(LoadBalancer.of(simple));
  }

  private static TrafficPolicy warmed(Simple simple) {
    return TrafficPolicy.NONE.balancedBy(
        new LoadBalancer(simple, Optional.empty(), Optional.of(TEN_SECONDS), Optional.empty()));
  }

  private static TrafficPolicy distributed() {
    List<Share> to =
        List.of(new Share(Locality.parse("eu/a"), 80), new Share(Locality.parse("eu/b/*"), 20));
    Distribute distribute = new Distribute(Locality.parse("eu/*"), to);
    LocalityPolicy locality = new LocalityPolicy(true, List.of(distribute), List.of(), List.of());
    return TrafficPolicy.NONE.balancedBy(
        new LoadBalancer(Simple.RANDOM, Optional.empty(), Optional.empty(), Optional.of(locality)));
  }

  private static TrafficPolicy outliers() {
    return ejecting(LoadBalancer.of(Simple.RANDOM));
  }

  private static TrafficPolicy hashed(HashTable table) {
    return ejecting(LoadBalancer.of(new ConsistentHash(new HashKey.SourceIp(), table)));
  }

  private static TrafficPolicy ejecting(LoadBalancer balancer) {
    OutlierDetection detection =
        new OutlierDetection(
            1,
            0,
            false,
            5,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            100,
            0,
            List.of(),
            Optional.empty());
    return new TrafficPolicy(
        Optional.of(balancer),
        Optional.empty(),
        Optional.of(detection),
        Optional.empty(),
        Optional.empty(),
        Map.of());
  }

  private static Vantage at(String locality) {
    return new Vantage(Locality.parse(locality), Map.of());
  }

  private Upstream upstream(TrafficPolicy policy, Vantage vantage, List<Endpoint> endpoints) {
    Upstream upstream =
        new Upstream(
            new UpstreamSettings(
                NAME, policy, HttpChoice.HTTP_1, Optional.of(CHECK), vantage, false),
            ticker,
            new AlwaysClosed(),
            (endpoint, ejected) -> {});
    endpoints(upstream, endpoints);
    return upstream;
  }

  private static void endpoints(Upstream upstream, List<Endpoint> endpoints) {
    upstream.endpoints(new EndpointSet(endpoints, ""));
  }

  private static void eject(Upstream upstream, Endpoint endpoint) {
    upstream.answered(endpoint, 500);
  }

  private void assertShares(Upstream upstream, List<Endpoint> of, double... shares) {
    long[] counts = counts(upstream, of);
    assertThat(ChiSquare.deviations(counts, shares))
        .as("%s by %s", counts, upstream.settings().policy().loadBalancer())
        .isLessThan(5);
  }

  /** How often each is picked; others must not be. */
  private long[] counts(Upstream upstream, List<Endpoint> of) {
    long[] counts = new long[of.size()];
    for (int i = 0; i < TIMES; i++) {
      counts[of.indexOf(pick(upstream, OptionalLong.empty()).orElseThrow())]++;
    }
    return counts;
  }

  /** Who owns each of 5,000 keys. */
  private List<Endpoint> owners(Upstream upstream) {
    List<Endpoint> owners = new ArrayList<>();
    for (int key = 0; key < 5000; key++) {
      OptionalLong hash = OptionalLong.of(new SplittableRandom(key).nextLong());
      owners.add(pick(upstream, hash).orElseThrow());
    }
    return owners;
  }

  private Optional<Endpoint> pick(Upstream upstream, OptionalLong hash) {
    return upstream.pick(new Pick(random.nextLong(), hash, List.of()));
  }
}
