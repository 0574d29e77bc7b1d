package dev.weft.routing.cluster.balance;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamTls;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Endpoints to choose among, and how often each is chosen. */
public final class Candidates {

  private Candidates() {}

  /** As many, each of weight 1. */
  public static List<Endpoint> even(int count) {
    return weighted(IntStream.range(0, count).map(i -> 1).toArray());
  }

  /** One for each weight. */
  public static List<Endpoint> weighted(int... weights) {
    return IntStream.range(0, weights.length).mapToObj(i -> at(i, weights[i], "")).toList();
  }

  /** One for each locality. */
  public static List<Endpoint> standing(String... localities) {
    return IntStream.range(0, localities.length).mapToObj(i -> at(i, 1, localities[i])).toList();
  }

  private static Endpoint at(int number, int weight, String locality) {
    String host = "10.0.%d.%d".formatted(number / 250, number % 250 + 1);
    return new Endpoint(host, 80, Map.of(), locality, weight, new UpstreamTls.Plaintext());
  }

  /** A balancer by its simple name. */
  static LoadBalancer of(
      TrafficPolicy.LoadBalancer.Simple simple, List<Endpoint> endpoints, Ticker ticker) {
    return LoadBalancers.of(TrafficPolicy.LoadBalancer.of(simple), endpoints, ticker);
  }

  /** How often each is chosen of so many times, without a key. */
  static long[] counts(LoadBalancer balancer, int endpoints, int times, int round) {
    SplittableRandom random = new SplittableRandom(7);
    long[] counts = new long[endpoints];
    for (int i = 0; i < times; i++) {
      counts[balancer.choose(random.nextLong(), OptionalLong.empty(), round)]++;
    }
    return counts;
  }
}
