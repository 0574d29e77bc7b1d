package dev.weft.routing.cluster;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.HashTable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the balancer that a policy asks for. */
final class LoadBalancers {

  private LoadBalancers() {}

  static LoadBalancer of(TrafficPolicy policy, List<Endpoint> endpoints) {
    if (endpoints.size() == 1) {
      return (draw, hash) -> 0;
    }
    TrafficPolicy.LoadBalancer wanted =
        policy
            .loadBalancer()
            .orElse(
                new TrafficPolicy.LoadBalancer(
                    TrafficPolicy.LoadBalancer.Simple.LEAST_REQUEST,
                    Optional.empty(),
                    Optional.empty()));
    if (wanted.hash().isPresent()) {
      HashTable table = wanted.hash().get().table();
      LoadBalancer random = new Random(Weights.of(endpoints));
      return table instanceof HashTable.Maglev maglev
          ? new Maglev(endpoints, maglev.size(), random)
          : new RingHash(endpoints, ((HashTable.Ring) table).minimumSize(), random);
    }
    return switch (wanted.simple()) {
      case RANDOM -> new Random(Weights.of(endpoints));
      case ROUND_ROBIN, PASSTHROUGH -> new RoundRobin(Weights.of(endpoints));
      case LEAST_REQUEST -> new LeastRequest(endpoints, Weights.of(endpoints));
    };
  }

  /** By chance, in proportion to the weights. */
  record Random(Weights weights) implements LoadBalancer {
    @Override
    public int choose(long draw, OptionalLong hash) {
      return weights.pick(draw);
    }
  }

  /**
   * One after the other, in proportion to the weights: over as many picks as the weights add up to,
   * each gets exactly its own.
   */
  static final class RoundRobin implements LoadBalancer {

    private final int[] order;
    private final AtomicInteger next = new AtomicInteger();

    RoundRobin(Weights weights) {
      this.order = weights.interleaved();
    }

    @Override
    public int choose(long draw, OptionalLong hash) {
      return order[Math.floorMod(next.getAndIncrement(), order.length)];
    }
  }

  /**
   * Of two by chance the one with fewer attempts under way, in proportion to its weight.
   *
   * <p>Source: Mitzenmacher, "The power of two choices in randomized load balancing"; Envoy's
   * LEAST_REQUEST.
   */
  record LeastRequest(List<Endpoint> endpoints, Weights weights) implements LoadBalancer {

    LeastRequest {
      endpoints = List.copyOf(endpoints);
    }

    @Override
    public int choose(long draw, OptionalLong hash) {
      int first = weights.pick(draw);
      int second = weights.pick(Long.rotateLeft(draw * 0x9E3779B97F4A7C15L, 29));
      if (first == second) {
        second = (first + 1) % endpoints.size();
        if (weights.of(second) == 0) {
          return first;
        }
      }
      long busyFirst = (endpoints.get(first).inFlight().get() + 1L) * weights.of(second);
      long busySecond = (endpoints.get(second).inFlight().get() + 1L) * weights.of(first);
      return busySecond < busyFirst ? second : first;
    }
  }
}
