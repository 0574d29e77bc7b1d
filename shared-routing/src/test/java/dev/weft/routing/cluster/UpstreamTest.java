package dev.weft.routing.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.config.model.TrafficPolicy.OutlierDetection;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.resilience.AlwaysClosed;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class UpstreamTest {

  private static final ClusterName NAME = ClusterName.outbound("b.test", 80, "");

  private final SplittableRandom random = new SplittableRandom(42);
  private long now;

  private final Ticker ticker =
      new Ticker() {
        @Override
        public long nanos() {
          return now;
        }

        @Override
        public long epochMillis() {
          return now / 1_000_000;
        }
      };

  @Test
  void roundRobinGivesEachExactlyItsWeight() {
    Upstream upstream = upstream(simple(Simple.ROUND_ROBIN), endpoint(1, 1), endpoint(2, 3));

    List<String> picked = picked(upstream, 400);

    assertThat(Collections.frequency(picked, "10.0.0.1:80")).isEqualTo(100);
    assertThat(Collections.frequency(picked, "10.0.0.2:80")).isEqualTo(300);
  }

  @Test
  void answersAreTimedWhereSomebodyWantsToKnow() {
    Upstream plain = upstream(simple(Simple.LEAST_REQUEST), endpoint(1, 1));
    Upstream quickest = upstream(simple(Simple.PEAK_EWMA), endpoint(1, 1));
    assertThat(plain.times()).as("to find a limit").isTrue();

    plain.overload().off();
    quickest.overload().off();

    assertThat(plain.times()).isFalse();
    assertThat(quickest.times()).as("to balance").isTrue();
    plain.overload().look(now, 0);
    assertThat(plain.times()).as("once limits are wanted again").isTrue();
  }

  @Test
  void whatNobodyListsIsWhereverConnectionsWereGoing() {
    Upstream upstream = upstream(simple(Simple.LEAST_REQUEST));
    upstream.endpoints(wherever(new UpstreamTls.Plaintext()));
    InetSocketAddress one = new InetSocketAddress("192.0.2.1", 99);

    Endpoint first = upstream.at(one).orElseThrow();

    assertThat(first.address()).isEqualTo("192.0.2.1:99");
    assertThat(upstream.at(one)).as("and its health with it").containsSame(first);
    assertThat(upstream.pick(new Pick(7, OptionalLong.empty(), List.of()))).isEmpty();
    assertThat(upstream.known()).containsExactly(first);
    upstream.endpoints(wherever(new UpstreamTls.Mesh(Set.of("spiffe://a/ns/b/sa/c"), "s.test")));
    assertThat(first.left()).as("reached otherwise now").isTrue();
    assertThat(upstream.at(one).orElseThrow().tls()).isInstanceOf(UpstreamTls.Mesh.class);
    upstream.leave();
    assertThat(upstream.at(one)).isEmpty();
  }

  @Test
  void ofWhereConnectionsWereGoingOnlySoManyAreKnownAndThoseInUseStay() {
    Upstream upstream = upstream(simple(Simple.LEAST_REQUEST));
    upstream.endpoints(wherever(new UpstreamTls.Plaintext()));
    Endpoint used = upstream.at(new InetSocketAddress("192.0.2.1", 1)).orElseThrow();
    used.inFlight().incrementAndGet();
    List<Endpoint> all = new ArrayList<>();
    for (int i = 0; i < 2 * Originals.MOST; i++) {
      all.add(upstream.at(new InetSocketAddress("192.0.2.2", 1 + i)).orElseThrow());
    }

    assertThat(upstream.known()).hasSize(Originals.MOST).contains(used);
    assertThat(used.left()).isFalse();
    assertThat(all.stream().filter(Endpoint::left)).hasSize(Originals.MOST + 1);
  }

  private static EndpointSet wherever(UpstreamTls tls) {
    return new EndpointSet(List.of(), "wherever", false, Optional.of(tls));
  }

  @Test
  void randomFollowsTheWeights() {
    Upstream upstream = upstream(simple(Simple.RANDOM), endpoint(1, 1), endpoint(2, 4));

    int second = Collections.frequency(picked(upstream, 50_000), "10.0.0.2:80");

    assertThat(second).isBetween(39_500, 40_500);
  }

  @Test
  void leastRequestPrefersTheIdleOne() {
    Endpoint busy = endpoint(1, 1);
    Upstream upstream = upstream(simple(Simple.LEAST_REQUEST), busy, endpoint(2, 1));
    busy.inFlight().set(10);

    assertThat(picked(upstream, 100)).containsOnly("10.0.0.2:80");
  }

  @Test
  void anEndpointThatJustFailedIsChosenLastForASecond() {
    Endpoint bad = endpoint(1, 1);
    Upstream upstream = upstream(simple(Simple.RANDOM), bad, endpoint(2, 1));

    upstream.failed(bad, Cause.CONNECT_REFUSED);

    assertThat(picked(upstream, 50)).containsOnly("10.0.0.2:80");
    now += Duration.ofMillis(1001).toNanos();
    assertThat(picked(upstream, 50)).contains("10.0.0.1:80");
  }

  @Test
  void oneAttemptAtATimeTriesWhatFailed() {
    Endpoint bad = endpoint(1, 1);
    Upstream upstream = upstream(simple(Simple.RANDOM), bad, endpoint(2, 1));
    upstream.failed(bad, Cause.CONNECT_REFUSED);
    now += Duration.ofMillis(1001).toNanos();

    List<String> tries = picked(upstream, 100);

    assertThat(tries).containsOnlyOnce("10.0.0.1:80");
    now += Duration.ofMillis(2001).toNanos();
    assertThat(picked(upstream, 100)).as("it told nothing").containsOnlyOnce("10.0.0.1:80");
    upstream.answered(bad, 200);
    assertThat(Collections.frequency(picked(upstream, 100), "10.0.0.1:80")).isGreaterThan(10);
  }

  @Test
  void fiveErrorsInARowAreAFailureToo() {
    Endpoint bad = endpoint(1, 1);
    Upstream upstream = upstream(simple(Simple.RANDOM), bad, endpoint(2, 1));

    for (int status : new int[] {503, 200, 503, 503, 503, 503, 200, 503, 503, 503, 503}) {
      upstream.answered(bad, status);
    }
    assertThat(picked(upstream, 50)).contains("10.0.0.1:80");
    upstream.answered(bad, 503);

    assertThat(picked(upstream, 50)).doesNotContain("10.0.0.1:80");
  }

  @Test
  void whatNeverAnsweredWellIsAvoidedAfterTwoErrors() {
    Endpoint bad = endpoint(1, 1);
    Upstream upstream = upstream(simple(Simple.RANDOM), bad, endpoint(2, 1));

    upstream.answered(bad, 503);
    assertThat(picked(upstream, 50)).contains("10.0.0.1:80");
    upstream.answered(bad, 503);

    assertThat(picked(upstream, 50)).doesNotContain("10.0.0.1:80");
  }

  @Test
  void whatWasTriedIsAvoidedUnlessNothingElseIsLeft() {
    Endpoint first = endpoint(1, 1);
    Endpoint second = endpoint(2, 1);
    Upstream upstream = upstream(simple(Simple.RANDOM), first, second);

    for (int i = 0; i < 50; i++) {
      assertThat(pick(upstream, OptionalLong.empty(), List.of(first))).contains(second);
    }
    assertThat(pick(upstream, OptionalLong.empty(), List.of(first, second))).isPresent();
  }

  @Test
  void fiveAnswersOfTheFiveHundredsEjectForThirtySeconds() {
    Endpoint bad = endpoint(1, 1);
    Upstream upstream = upstream(outlier(100), bad, endpoint(2, 1));

    for (int i = 0; i < 5; i++) {
      upstream.answered(bad, 500);
    }

    assertThat(picked(upstream, 50)).containsOnly("10.0.0.2:80");
    now += Duration.ofSeconds(30).toNanos() + 1;
    upstream.sweep();
    assertThat(picked(upstream, 50)).contains("10.0.0.1:80");
  }

  @Test
  void theOnlyEndpointIsNeverEjected() {
    Endpoint only = endpoint(1, 1);
    Upstream upstream = upstream(outlier(100), only);

    for (int i = 0; i < 20; i++) {
      upstream.answered(only, 503);
    }

    assertThat(picked(upstream, 1)).containsOnly("10.0.0.1:80");
  }

  @Test
  void anEndpointThatStaysKeepsItsHealth() {
    Endpoint bad = endpoint(1, 1);
    Upstream upstream = upstream(simple(Simple.RANDOM), bad, endpoint(2, 1));
    upstream.failed(bad, Cause.CONNECT_REFUSED);

    upstream.endpoints(new EndpointSet(List.of(endpoint(1, 1), endpoint(3, 1)), ""));

    assertThat(picked(upstream, 50)).containsOnly("10.0.0.3:80");
  }

  @Test
  void noneAtAllIsBelievedAfterTwoSeconds() {
    Upstream upstream = upstream(simple(Simple.RANDOM), endpoint(1, 1));
    Endpoint last = upstream.endpoints().endpoints().get(0);

    upstream.endpoints(EndpointSet.EMPTY);
    now += Duration.ofMillis(1999).toNanos();
    upstream.sweep();
    assertThat(picked(upstream, 1)).containsOnly("10.0.0.1:80");
    now += Duration.ofMillis(1).toNanos();
    upstream.sweep();

    assertThat(upstream.endpoints().endpoints()).isEmpty();
    assertThat(upstream.endpoints().reason()).isEqualTo("it has no endpoints");
    assertThat(last.left()).isTrue();
  }

  @Test
  void endpointsThatComeBackInTimeStay() {
    Upstream upstream = upstream(simple(Simple.RANDOM), endpoint(1, 1));

    upstream.endpoints(EndpointSet.EMPTY);
    now += Duration.ofSeconds(1).toNanos();
    upstream.endpoints(new EndpointSet(List.of(endpoint(1, 1)), ""));
    now += Duration.ofSeconds(5).toNanos();
    upstream.sweep();

    assertThat(picked(upstream, 1)).containsOnly("10.0.0.1:80");
  }

  private static TrafficPolicy simple(Simple simple) {
    return policy(Optional.of(TrafficPolicy.LoadBalancer.of(simple)), Optional.empty());
  }

  private static TrafficPolicy outlier(int maxEjectionPercent) {
    return policy(
        Optional.empty(),
        Optional.of(
            new OutlierDetection(
                5,
                0,
                false,
                5,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                maxEjectionPercent,
                0,
                List.of(),
                Optional.empty())));
  }

  private static TrafficPolicy policy(
      Optional<TrafficPolicy.LoadBalancer> balancer, Optional<OutlierDetection> outlier) {
    return new TrafficPolicy(
        balancer, Optional.empty(), outlier, Optional.empty(), Optional.empty(), Map.of());
  }

  private Upstream upstream(TrafficPolicy policy, Endpoint... endpoints) {
    Upstream upstream =
        new Upstream(
            new UpstreamSettings(NAME, policy, HttpChoice.HTTP_1),
            ticker,
            new AlwaysClosed(),
            (endpoint, ejected) -> {});
    upstream.endpoints(new EndpointSet(List.of(endpoints), ""));
    return upstream;
  }

  private static Endpoint endpoint(int number, int weight) {
    return new Endpoint("10.0.0." + number, 80, Map.of(), "", weight, new UpstreamTls.Plaintext());
  }

  private List<String> picked(Upstream upstream, int times) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      all.add(pick(upstream, OptionalLong.empty(), List.of()).orElseThrow().address());
    }
    return all;
  }

  private Optional<Endpoint> pick(Upstream upstream, OptionalLong hash, List<Endpoint> tried) {
    return upstream.pick(new Pick(random.nextLong(), hash, tried));
  }
}
