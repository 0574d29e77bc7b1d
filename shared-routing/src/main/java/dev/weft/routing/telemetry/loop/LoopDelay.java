package dev.weft.routing.telemetry.loop;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.clock.Timers.Timer;
import dev.weft.routing.telemetry.Histogram;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/**
 * Measures how late one event loop begins what is due: whatever holds it up for longer holds every
 * request of it up too. It looks twice a second, which costs no request anything.
 *
 * <p>The loop alone writes; any thread may read.
 */
public final class LoopDelay {

  private static final Duration EVERY = Duration.ofMillis(500);
  private static final double NANOS_PER_MILLI = 1e6;
  private static final VarHandle AT = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] numbers = new long[Histogram.BUCKETS + 1]; // the buckets, then their sum
  private Timer waiting = () -> {};

  /**
   * Begins to look, and goes on until {@link #end}.
   *
   * @param timers of the loop, to the millisecond
   */
  public void begin(Timers timers, Ticker ticker) {
    long due = ticker.nanos() + EVERY.toNanos();
    waiting =
        timers.after(
            EVERY,
            () -> {
              late(Math.max(0, ticker.nanos() - due));
              begin(timers, ticker);
            });
  }

  /** Looks no more. */
  public void end() {
    waiting.cancel();
  }

  private void late(long nanos) {
    plus(Histogram.bucketOfNanos(nanos), 1);
    plus(Histogram.BUCKETS, nanos);
  }

  private void plus(int index, long amount) {
    AT.setOpaque(numbers, index, numbers[index] + amount);
  }

  /** All delays so far, in milliseconds. */
  public Histogram millis() {
    long[] counts = new long[Histogram.BUCKETS];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (long) AT.getOpaque(numbers, i);
    }
    return Histogram.of(counts, (long) AT.getOpaque(numbers, Histogram.BUCKETS) / NANOS_PER_MILLI);
  }
}
