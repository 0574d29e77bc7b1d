package dev.weft.routing.cluster.balance;

import dev.weft.config.model.TrafficPolicy.Warmup;

/**
 * What part of its share a new endpoint gets, growing over a time. Pure.
 *
 * <p>Source: Envoy's slow start: {@code max(minimum, (age / duration) ^ (1 / aggression))}.
 */
public final class SlowStart {

  private final double nanos;
  private final double minimum;
  private final double exponent;

  public SlowStart(Warmup settings) {
    this.nanos = settings.duration().toNanos();
    this.minimum = settings.minimumPercent() / 100;
    this.exponent = 1 / settings.aggression();
  }

  /**
   * @param age since it was new, in nanoseconds
   * @return 0 to 1
   */
  public double part(long age) {
    if (age >= nanos) {
      return 1;
    }
    double grown = Math.max(0, age) / nanos;
    return Math.max(minimum, exponent == 1 ? grown : Math.pow(grown, exponent));
  }
}
