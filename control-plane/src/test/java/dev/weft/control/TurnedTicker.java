package dev.weft.control;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The machine's time, turned on by hand. Any thread may enter. */
public final class TurnedTicker implements Ticker {

  private final Ticker machine = new SystemTicker();
  private final AtomicLong ahead = new AtomicLong(); // milliseconds

  public void turn(Duration by) {
    ahead.addAndGet(by.toMillis());
  }

  @Override
  public long nanos() {
    return machine.nanos() + ahead.get() * 1_000_000;
  }

  @Override
  public long epochMillis() {
    return machine.epochMillis() + ahead.get();
  }
}
