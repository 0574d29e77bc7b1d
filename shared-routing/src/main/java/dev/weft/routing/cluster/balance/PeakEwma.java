package dev.weft.routing.cluster.balance;

import dev.weft.routing.clock.Ticker;
import java.util.List;
import java.util.OptionalLong;

/**
 * Of two by chance the one that will probably answer sooner: its latency times the attempts under
 * way there for its weight. One of which nothing is known is tried when it is idle, and left alone
 * until it answered.
 *
 * <p>Source: Finagle's {@code PeakEwma}, Linkerd's default.
 */
record PeakEwma(List<? extends Candidate> candidates, Weights weights, Ticker ticker)
    implements LoadBalancer {

  private static final double UNKNOWN_MICROS = 1e9; // beside whatever is known

  PeakEwma {
    candidates = List.copyOf(candidates);
  }

  @Override
  public int choose(long draw, OptionalLong hash, int round) {
    int first = weights.pick(draw);
    int second = weights.other(first, draw);
    long now = ticker.nanos();
    double heavier = (double) weights.of(second) / weights.of(first);
    double costFirst = cost(candidates.get(first), heavier, now);
    double costSecond = cost(candidates.get(second), 1, now);
    return costSecond < costFirst ? second : first;
  }

  /**
   * @param scale what one attempt under way counts
   */
  private static double cost(Candidate candidate, double scale, long now) {
    int underWay = candidate.inFlight().get();
    double micros = candidate.latency().micros(now);
    if (!candidate.latency().known()) {
      micros = underWay == 0 ? 0 : UNKNOWN_MICROS;
    }
    return micros * (underWay * scale + 1);
  }
}
