package dev.weft.routing.cluster.balance;

/**
 * How long an endpoint took to answer lately: a moving average that jumps to a peak at once and
 * sinks slowly, halved about every seven seconds, so that one that was slow is asked again.
 *
 * <p>Value and time stand together in one word; of two answers in the same instant one may be lost.
 * Any thread may enter; no lock.
 *
 * <p>Source: Finagle's and Linkerd's peak EWMA, decay 10 s.
 */
public final class Latency {

  /** The longest that a failure counts. */
  public static final long WORST_NANOS = 5_000_000_000L;

  private static final double DECAY_MILLIS = 10_000;
  private static final long NANOS = 1_000_000;
  private static final long LOW = 0xFFFF_FFFFL;
  private static final long NEVER = 0;

  private static final int STEP_BITS = 6; // 64 ms
  private static final double[] KEPT = new double[2048];

  static {
    for (int step = 0; step < KEPT.length; step++) {
      KEPT[step] = Math.exp(-(step << STEP_BITS) / DECAY_MILLIS);
    }
  }

  private volatile long state = NEVER; // micros as a float, above milliseconds; 0: nothing yet

  /** An answer's head came {@code nanos} after its attempt began. */
  public void answered(long nanos, long now) {
    long before = state;
    double micros = Math.max(1, nanos / 1000.0);
    if (before != NEVER) {
      double kept = kept(before, now);
      double average = written(before) * kept + micros * (1 - kept);
      micros = Math.max(micros, average);
    }
    set(micros, now);
  }

  /** An attempt failed after {@code nanos}: counts twice what was, lest what fails fast attract. */
  public void failed(long nanos, long now) {
    double doubled = Math.max(nanos / 1000.0, 2 * Math.max(1000, micros(now)));
    set(Math.min(doubled, WORST_NANOS / 1000.0), now);
  }

  /** It asked not to be asked for a while. */
  public void refused(long nanos, long now) {
    set(Math.max(nanos / 1000.0, micros(now)), now);
  }

  /** Whether anything is known of it. */
  public boolean known() {
    return state != NEVER;
  }

  /** Microseconds that the next answer may take; 0 where nothing is known. */
  public double micros(long now) {
    long at = state;
    return at == NEVER ? 0 : written(at) * about(at, now);
  }

  private void set(double micros, long now) {
    long bits = Float.floatToRawIntBits((float) micros) & LOW;
    state = (bits << 32) | ((now / NANOS) & LOW);
  }

  private static double written(long state) {
    return Float.intBitsToFloat((int) (state >>> 32));
  }

  private static double kept(long state, long now) {
    int age = (int) (now / NANOS) - (int) state; // right for ages up to 24 days
    return age <= 0 ? 1 : Math.exp(-age / DECAY_MILLIS);
  }

  /** As {@link #kept}, to a hundredth: for choices, which are more frequent than answers. */
  private static double about(long state, long now) {
    int age = (int) (now / NANOS) - (int) state;
    return age <= 0 ? 1 : KEPT[Math.min(age >> STEP_BITS, KEPT.length - 1)];
  }
}
