package dev.weft.routing.cluster.balance;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.HashTable;
import dev.weft.routing.clock.Ticker;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the balancer that a policy asks for. Takes its time: not for an event loop. */
public final class LoadBalancers {

  private LoadBalancers() {}

  /**
   * @param candidates at least one
   */
  public static LoadBalancer of(
      TrafficPolicy.LoadBalancer wanted, List<? extends Candidate> candidates, Ticker ticker) {
    if (candidates.size() == 1) {
      return (draw, hash, round) -> 0;
    }
    Weights weights = Weights.of(candidates);
    if (wanted.hash().isPresent()) {
      HashTable table = wanted.hash().get().table();
      LoadBalancer keyless = new Random(weights);
      return table instanceof HashTable.Maglev maglev
          ? new Maglev(candidates, maglev.size(), keyless)
          : new RingHash(candidates, ((HashTable.Ring) table).minimumSize(), keyless);
    }
    return switch (wanted.simple()) {
      case RANDOM -> new Random(weights);
      case ROUND_ROBIN, PASSTHROUGH -> new RoundRobin(weights, Mixing.mix(ticker.nanos()));
      case LEAST_REQUEST -> new LeastRequest(candidates, weights);
      case PEAK_EWMA -> new PeakEwma(candidates, weights, ticker);
    };
  }

  /** By chance, in proportion to the weights. */
  record Random(Weights weights) implements LoadBalancer {
    @Override
    public int choose(long draw, OptionalLong hash, int round) {
      return weights.pick(draw);
    }
  }

  /**
   * One after the other, in proportion to the weights: over as many picks as the weights add up to,
   * each gets exactly its own. Where one's turn is of no use, chance decides who gets it, so that
   * not always the same neighbour has to take it.
   */
  static final class RoundRobin implements LoadBalancer {

    private final Weights weights;
    private final int[] order;
    private final AtomicInteger next;

    /**
     * @param start where to begin, so that many proxies do not begin at the same endpoint
     */
    RoundRobin(Weights weights, long start) {
      this.weights = weights;
      this.order = weights.interleaved();
      this.next = new AtomicInteger((int) Long.remainderUnsigned(start, order.length));
    }

    @Override
    public int choose(long draw, OptionalLong hash, int round) {
      return round == 0
          ? order[Math.floorMod(next.getAndIncrement(), order.length)]
          : weights.pick(draw);
    }
  }

  /**
   * Of two by chance, in proportion to the weights, the one with fewer attempts under way for its
   * weight; where that is the same, the first, so that idle ones get what their weights say.
   *
   * <p>Source: Mitzenmacher, "The power of two choices in randomized load balancing"; Envoy's
   * LEAST_REQUEST.
   */
  record LeastRequest(List<? extends Candidate> candidates, Weights weights)
      implements LoadBalancer {

    LeastRequest {
      candidates = List.copyOf(candidates);
    }

    @Override
    public int choose(long draw, OptionalLong hash, int round) {
      int first = weights.pick(draw);
      int second = weights.other(first, draw);
      long busyFirst = (long) candidates.get(first).inFlight().get() * weights.of(second);
      long busySecond = (long) candidates.get(second).inFlight().get() * weights.of(first);
      return busySecond < busyFirst ? second : first;
    }
  }
}
