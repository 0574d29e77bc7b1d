package dev.weft.routing.transport;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.ConnectionLimits;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;

/** Attempts that have no connection yet, in the order in which they came. One event loop's own. */
final class WaitingLine {

  private static final int MOST = 1024; // where nobody says how many

  private final Deque<Waiting> line = new ArrayDeque<>();
  private final ConnectionLimits everywhere;
  private final ClusterName cluster;
  private final Ticker ticker;

  /**
   * @param everywhere counts those of all event loops
   */
  WaitingLine(ConnectionLimits everywhere, ClusterName cluster, Ticker ticker) {
    this.everywhere = everywhere;
    this.cluster = cluster;
    this.ticker = ticker;
  }

  private record Waiting(Promise<Lease> promise, long sinceNanos, boolean behind) {}

  /** Whether one more would be too many. */
  boolean full(OptionalInt limit) {
    return limit.isPresent()
        ? everywhere.waiting(cluster) >= limit.getAsInt()
        : line.size() >= MOST;
  }

  /**
   * @param limit of all lines of the cluster together
   * @param behind whether others have the connections that there are
   * @return false where that is reached: then it does not wait
   */
  boolean add(Promise<Lease> promise, OptionalInt limit, long now, boolean behind) {
    boolean fits = limit.isPresent() || line.size() < MOST;
    if (!fits || !everywhere.waits(cluster, limit.orElse(Integer.MAX_VALUE))) {
      return false;
    }
    line.addLast(new Waiting(promise, now, behind));
    return true;
  }

  /**
   * Leaves it out, if it is there; its promise stays as it is.
   *
   * @return whether it was there, and behind others that have the connections
   */
  boolean forget(Promise<Lease> promise) {
    for (Waiting one : line) {
      if (one.promise == promise) {
        line.removeFirstOccurrence(one);
        left(one);
        return one.behind;
      }
    }
    return false;
  }

  boolean isEmpty() {
    return line.isEmpty();
  }

  int size() {
    return line.size();
  }

  /** Takes the first out of the line, which must not be empty. */
  Promise<Lease> next() {
    Waiting first = line.removeFirst();
    left(first);
    return first.promise;
  }

  private void left(Waiting one) {
    everywhere.waited(cluster, ticker.nanos() - one.sinceNanos);
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
