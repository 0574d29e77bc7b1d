package dev.weft.routing.route;

import java.util.Arrays;
import java.util.List;

/**
 * Divides the exchanges of a route among its destinations, in proportion to their weights.
 *
 * <p>Weights are relative and without unit: a share receives {@code weight / (sum of all weights)}
 * of the draws, and a weight of 0 receives none; a single share receives all, whatever its weight.
 * A pick walks the bounds and allocates nothing. Pure: the same draw gives the same share, on every
 * hop and in every explanation.
 *
 * <p>Immutable; one instance serves every event loop.
 *
 * <p>Source: Istio {@code HTTPRouteDestination.weight}, networking/v1.
 */
public final class Shares {

  private final int[] bounds; // bounds[i] = weights 0 to i added up; the last one is their sum

  /**
   * @param weights at least one; several add up to 1 to 1,000,000
   */
  public Shares(List<Integer> weights) {
    this.bounds = weights.stream().mapToInt(Integer::intValue).toArray();
    if (bounds.length == 1) {
      bounds[0] = 1;
    }
    Arrays.parallelPrefix(bounds, Math::addExact);
  }

  /**
   * The index of the share that a draw falls to.
   *
   * @param draw 64 even bits, from {@link Draw#mix}
   */
  public int pick(long draw) {
    long ticket = Long.remainderUnsigned(draw, bounds[bounds.length - 1]);
    int chosen = 0;
    while (ticket >= bounds[chosen]) {
      chosen++;
    }
    return chosen;
  }
}
