package dev.weft.routing.clock;

import java.time.Duration;

/** Does something later, on the event loop that asked. Only that event loop may enter. */
public interface Timers {

  /**
   * @param delay from 1 ms; shorter is taken as 1 ms
   * @param task runs once, on this event loop, unless it is cancelled before
   */
  Timer after(Duration delay, Runnable task);

  /** What can still be called off. */
  interface Timer {
    /** Without effect when it has run already. */
    void cancel();
  }
}
