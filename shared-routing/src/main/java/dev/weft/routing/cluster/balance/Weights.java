package dev.weft.routing.cluster.balance;

import java.util.Arrays;
import java.util.List;

/** The weights of some candidates, to draw from. Immutable. */
final class Weights {

  private static final int MOST_SLOTS = 10_000;

  private final int[] weights;
  private final long[] bounds; // bounds[i] = weights 0 to i added up
  private final boolean even;

  private Weights(int[] weights) {
    this.weights = weights;
    this.bounds = Arrays.stream(weights).asLongStream().toArray();
    this.even = Arrays.stream(weights).distinct().count() == 1;
    Arrays.parallelPrefix(bounds, Math::addExact);
  }

  /** Where all are 0, each counts the same. */
  static Weights of(List<? extends Candidate> candidates) {
    int[] weights = candidates.stream().mapToInt(Candidate::weight).toArray();
    if (Arrays.stream(weights).allMatch(weight -> weight == 0)) {
      Arrays.fill(weights, 1);
    }
    return new Weights(weights);
  }

  int of(int index) {
    return weights[index];
  }

  int pick(long draw) {
    if (even) {
      return (int) Long.remainderUnsigned(draw, weights.length);
    }
    long ticket = Long.remainderUnsigned(draw, bounds[bounds.length - 1]);
    int found = Arrays.binarySearch(bounds, ticket);
    return found < 0 ? -found - 1 : nextAbove(found);
  }

  /** Another one than {@code first} where there is one, by the same draw. */
  int other(int first, long draw) {
    int second = pick(Mixing.mix(draw, 1));
    if (second != first) {
      return second;
    }
    int next = first + 1 == weights.length ? 0 : first + 1;
    return weights[next] == 0 ? first : next;
  }

  private int nextAbove(int index) {
    int next = index + 1;
    while (weights[next] == 0) {
      next++;
    }
    return next;
  }

  /** Indexes, each as often as its weight, spread evenly (smooth weighted round robin). */
  int[] interleaved() {
    int divisor = Arrays.stream(weights).reduce(0, Weights::gcd);
    long slots = bounds[bounds.length - 1] / divisor;
    int size = (int) Math.min(MOST_SLOTS, slots);
    double scale = (double) size / bounds[bounds.length - 1];
    double[] credit = new double[weights.length];
    int[] order = new int[size];
    for (int slot = 0; slot < size; slot++) {
      int best = 0;
      for (int i = 0; i < weights.length; i++) {
        credit[i] += weights[i] * scale;
        best = credit[i] > credit[best] + 1e-9 ? i : best;
      }
      credit[best] -= size;
      order[slot] = best;
    }
    return order;
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
