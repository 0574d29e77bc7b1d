package dev.weft.routing.telemetry.trace;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The last requests of a process that failed or were slow, for those who ask it. Only such requests
 * enter, so that a lock is held for a moment where something is wrong already, never otherwise. Any
 * thread.
 */
public final class TraceRing {

  private final Deque<HopTrace> last = new ArrayDeque<>();

  /**
   * Adds one; the oldest go where there are more.
   *
   * @param most that are kept, from 0
   */
  public synchronized void add(HopTrace trace, int most) {
    if (most > 0) {
      last.addLast(trace);
    }
    while (last.size() > most) {
      last.removeFirst();
    }
  }

  /** All, the newest first. */
  public synchronized List<HopTrace> newestFirst() {
    List<HopTrace> all = new ArrayList<>(last.size());
    last.descendingIterator().forEachRemaining(all::add);
    return all;
  }
}
