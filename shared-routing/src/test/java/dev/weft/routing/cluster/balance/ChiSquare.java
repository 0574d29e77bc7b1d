package dev.weft.routing.cluster.balance;

/** Whether counts follow shares, by Pearson's test. */
public final class ChiSquare {

  private ChiSquare() {}

  /**
   * How far counts are from shares: around 0 when only chance speaks, above 4 once in some ten
   * thousand times.
   *
   * @param shares in any unit, each above 0
   */
  public static double deviations(long[] counts, double... shares) {
    double sum = 0;
    double times = 0;
    for (int i = 0; i < counts.length; i++) {
      sum += shares[i];
      times += counts[i];
    }
    double statistic = 0;
    for (int i = 0; i < counts.length; i++) {
      double expected = times * shares[i] / sum;
      statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    int freedom = counts.length - 1;
    return (statistic - freedom) / Math.sqrt(2.0 * freedom);
  }
}
