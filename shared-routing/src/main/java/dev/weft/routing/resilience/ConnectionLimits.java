package dev.weft.routing.resilience;

import dev.weft.routing.exchange.ClusterName;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts, of each cluster and across all event loops, its connections and the attempts that wait
 * for one, and knows HTTP's by their addresses. A loop that has no connection may open one at the
 * limit, so that no loop starves. Any thread may enter.
 */
public final class ConnectionLimits {

  private final Map<ClusterName, Counts> clusters = new ConcurrentHashMap<>();

  private final OwnConnections own = OwnConnections.redirected();

  private record Counts(
      AtomicInteger open, AtomicInteger waiting, LongAdder waited, LongAdder waitedNanos) {

    Counts() {
      this(new AtomicInteger(), new AtomicInteger(), new LongAdder(), new LongAdder());
    }
  }

  /**
   * How many attempts had to wait so far, and do no more.
   *
   * @param nanos that they waited, all together
   */
  public record Waits(long count, long nanos) {}

  /** Those that are open, or came back. */
  public OwnConnections own() {
    return own;
  }

  /** Whether one more may be opened; {@code true} counts it. */
  public boolean opens(ClusterName cluster, OptionalInt limit, boolean loopHasNone) {
    AtomicInteger count = counts(cluster).open;
    if (count.incrementAndGet() > limit.orElse(Integer.MAX_VALUE) && !loopHasNone) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }

  public void closed(ClusterName cluster) {
    counts(cluster).open.decrementAndGet();
  }

  /** Connections open or being opened, across all event loops. */
  public int open(ClusterName cluster) {
    return counts(cluster).open.get();
  }

  /** Whether one more may wait for a connection; {@code true} counts it. */
  public boolean waits(ClusterName cluster, int limit) {
    AtomicInteger count = counts(cluster).waiting;
    if (count.incrementAndGet() > limit) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }

  /**
   * It waits no longer.
   *
   * @param nanos that it did, from 0
   */
  public void waited(ClusterName cluster, long nanos) {
    Counts counts = counts(cluster);
    counts.waiting.decrementAndGet();
    counts.waited.increment();
    counts.waitedNanos.add(nanos);
  }

  /** Attempts that waited for a connection, across all event loops. */
  public Waits waits(ClusterName cluster) {
    Counts counts = counts(cluster);
    return new Waits(counts.waited.sum(), counts.waitedNanos.sum());
  }

  /** Attempts that wait for a connection, across all event loops. */
  public int waiting(ClusterName cluster) {
    return counts(cluster).waiting.get();
  }

  private Counts counts(ClusterName cluster) {
    Counts known = clusters.get(cluster);
    return known != null ? known : clusters.computeIfAbsent(cluster, name -> new Counts());
  }
}
