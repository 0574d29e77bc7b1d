package dev.weft.load;

import java.util.concurrent.atomic.LongAdder;

/** Two weights, and how many requests each version received while they held. */
final class Shares {

  private static final int DEVIATIONS = 5;

  private final int first;
  private final int second;
  private final LongAdder ofFirst = new LongAdder();
  private final LongAdder ofSecond = new LongAdder();

  Shares(int first, int second) {
    this.first = first;
    this.second = second;
  }

  /** Counts what no phase counts. */
  static Shares nothing() {
    return new Shares(0, 0);
  }

  int first() {
    return first;
  }

  int second() {
    return second;
  }

  void count(String version) {
    (version.equals("v2") ? ofSecond : ofFirst).increment();
  }

  /** Whether enough were counted for the shares to tell anything. */
  boolean tell() {
    return ofFirst.sum() + ofSecond.sum() >= Traffic.LEAST;
  }

  /**
   * @param passed what is given back where the shares are as the weights say
   * @throws IllegalStateException where they are not, or too few were counted
   */
  <T> T holds(T passed) {
    long all = ofFirst.sum() + ofSecond.sum();
    double share = (double) second / (first + second);
    double bound = DEVIATIONS * Math.sqrt(all * share * (1 - share));
    if (all < Traffic.LEAST || Math.abs(ofSecond.sum() - all * share) > bound) {
      throw new IllegalStateException(
          "%d of %d reached v2 (expected: %.1f, at most %.1f away, of at least %d)"
              .formatted(ofSecond.sum(), all, all * share, bound, Traffic.LEAST));
    }
    return passed;
  }

  @Override
  public String toString() {
    return first + "/" + second;
  }
}
