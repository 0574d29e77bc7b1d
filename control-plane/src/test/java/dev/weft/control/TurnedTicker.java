package dev.weft.control;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** The machine's time, turned on by hand. Any thread may enter. */
public final class TurnedTicker implements Ticker {

  private Ticker machine = new SystemTicker();
  private long ahead; // milliseconds

  /** It stands from now on but for its turns, so that nothing takes time, however busy all are. */
  public synchronized void stop() {
    long nanos = machine.nanos();
    long epochMillis = machine.epochMillis();
    machine =
        new Ticker() {
          @Override
          public long nanos() {
            return nanos;
          }

          @Override
          public long epochMillis() {
            return epochMillis;
          }
        };
  }

  public synchronized void turn(Duration by) {
    ahead += by.toMillis();
  }

  /** What is seen after it was turned and before anybody else is told the time again. */
  public synchronized boolean turned(Duration by, BooleanSupplier look) {
    turn(by);
    return look.getAsBoolean();
  }

  @Override
  public synchronized long nanos() {
    return machine.nanos() + ahead * 1_000_000;
  }

  @Override
  public synchronized long epochMillis() {
    return machine.epochMillis() + ahead;
  }
}
