package dev.weft.routing.clock;

/** Reads the time; in tests it is turned by hand. Any thread may ask. */
public interface Ticker {

  /** Nanoseconds since some moment; only differences mean something. */
  long nanos();

  /** Milliseconds since 1970-01-01T00:00Z, for what people and certificates read. */
  long epochMillis();

  /** Nanoseconds since then, as finely as the machine tells: for spans that stand in one line. */
  default long epochNanos() {
    return epochMillis() * 1_000_000;
  }
}
