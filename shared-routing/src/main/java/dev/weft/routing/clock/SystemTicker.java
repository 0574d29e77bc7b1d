package dev.weft.routing.clock;

/** The machine's own time. */
public final class SystemTicker implements Ticker {

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public long epochMillis() {
    return System.currentTimeMillis();
  }
}
