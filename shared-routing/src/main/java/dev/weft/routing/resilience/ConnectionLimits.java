package dev.weft.routing.resilience;

import dev.weft.routing.exchange.ClusterName;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts, of each cluster and across all event loops, its connections and the attempts that wait
 * for one, and knows HTTP's by their addresses. A loop that has no connection may open one at the
 * limit, so that no loop starves. Any thread may enter.
 */
public final class ConnectionLimits {

  private final Map<ClusterName, Counts> clusters = new ConcurrentHashMap<>();

  private final OwnConnections own = OwnConnections.redirected();

  private record Counts(AtomicInteger open, AtomicInteger waiting) {}

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

  /** It waits no longer. */
  public void waited(ClusterName cluster) {
    counts(cluster).waiting.decrementAndGet();
  }

  /** Attempts that wait for a connection, across all event loops. */
  public int waiting(ClusterName cluster) {
    return counts(cluster).waiting.get();
  }

  private Counts counts(ClusterName cluster) {
    Counts known = clusters.get(cluster);
    return known != null
        ? known
        : clusters.computeIfAbsent(
            cluster, name -> new Counts(new AtomicInteger(), new AtomicInteger()));
  }
}
