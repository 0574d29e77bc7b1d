package dev.weft.routing.transport;

import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Attempts that have no connection yet, in the order in which they came. One event loop's own. */
final class WaitingLine {

  private final Deque<Waiting> line = new ArrayDeque<>();

  private final AtomicInteger everywhere;

  /**
   * @param everywhere counts those of all event loops
   */
  WaitingLine(AtomicInteger everywhere) {
    this.everywhere = everywhere;
  }

  private record Waiting(Promise<Lease> promise, long sinceNanos) {}

  void add(Promise<Lease> promise, long now) {
    line.addLast(new Waiting(promise, now));
    everywhere.incrementAndGet();
  }

  /** Leaves it out; its promise stays as it is. */
  void forget(Promise<Lease> promise) {
    if (!line.isEmpty() && line.removeIf(one -> one.promise == promise)) {
      everywhere.decrementAndGet();
    }
  }

  boolean isEmpty() {
    return line.isEmpty();
  }

  int size() {
    return line.size();
  }

  /** Takes the first out of the line, which must not be empty. */
  Promise<Lease> next() {
    everywhere.decrementAndGet();
    return line.removeFirst().promise;
  }

  /** Nanoseconds that the first waits by now; the line must not be empty. */
  long longest(long now) {
    return now - line.getFirst().sinceNanos;
  }

  /** How many wait for {@code nanos} or longer. */
  int countWaitingFor(long nanos, long now) {
    int count = 0;
    for (Waiting one : line) {
      if (now - one.sinceNanos < nanos) {
        break;
      }
      count++;
    }
    return count;
  }

  /** Fails the first {@code count}, or as many as there are; none of them is in line any more. */
  void fail(int count, Throwable cause) {
    List<Promise<Lease>> those = new ArrayList<>();
    while (those.size() < count && !line.isEmpty()) {
      those.add(next());
    }
    those.forEach(one -> one.fail(cause)); // may come back into the line at once
  }
}
