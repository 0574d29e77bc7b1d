package dev.weft.routing.resilience;

/**
 * Whether an upstream is worth asking. Any thread may enter; {@link #allows} is two reads.
 *
 * <p>Closed: all pass. Open: none. Half-open: one probe at a time; it closes the breaker or opens
 * it for longer.
 */
public interface CircuitBreaker {

  /** Whether an attempt may go; in half-open a {@code true} takes the probe's place. */
  boolean allows();

  /** An attempt that {@link #allows} let go was answered. */
  void succeeded();

  /** An attempt that {@link #allows} let go failed, or was answered by what counts as failure. */
  void failed();

  /** An attempt that {@link #allows} let go ended without telling anything: the caller left. */
  void abandoned();

  State state();

  /** As {@code vertx-circuit-breaker} names them. */
  enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }
}
