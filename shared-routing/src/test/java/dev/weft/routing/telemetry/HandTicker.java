package dev.weft.routing.telemetry;

import dev.weft.routing.clock.Ticker;
import java.time.Duration;

/** Time that a test turns by hand; begins at 2026-11-24T12:00:00Z. */
public final class HandTicker implements Ticker {

  private long nanos = 7_000_000_000L;

  public void turn(Duration by) {
    nanos += by.toNanos();
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public long epochMillis() {
    return 1_795_521_600_000L + (nanos - 7_000_000_000L) / 1_000_000;
  }
}
