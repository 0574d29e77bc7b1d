package dev.weft.routing.resilience;

/**
 * Whether an upstream is worth asking. Any thread may enter; {@link #admit} is two reads.
 *
 * <p>Closed: all pass. Open: none. Half-open: one probe at a time; it closes the breaker or opens
 * it for longer. What an attempt tells counts only in the state that let it go: one that began
 * before the breaker opened is no probe.
 */
public interface CircuitBreaker {

  /** What {@link #admit} returns to an attempt that may not go. */
  int REFUSED = 0;

  /**
   * Whether an attempt may go: {@link #REFUSED}, or a number for it to bring back. In half-open
   * that takes the probe's place.
   */
  int admit();

  /** An attempt that {@link #admit} let go was answered. */
  void succeeded(int admitted);

  /** An attempt that {@link #admit} let go failed, or was answered by what counts as failure. */
  void failed(int admitted);

  /** An attempt that {@link #admit} let go ended without telling anything: the caller left. */
  void abandoned(int admitted);

  State state();

  /** As {@code vertx-circuit-breaker} names them. */
  enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }
}
