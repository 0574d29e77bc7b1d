package dev.weft.routing.resilience;

import dev.weft.routing.exchange.ClusterName;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the connections of each cluster across all event loops. A loop that has none may open one
 * at the limit, so that no loop starves. Any thread may enter.
 */
public final class ConnectionLimits {

  private final Map<ClusterName, AtomicInteger> open = new ConcurrentHashMap<>();

  /** Whether one more may be opened; {@code true} counts it. */
  public boolean opens(ClusterName cluster, OptionalInt limit, boolean loopHasNone) {
    AtomicInteger count = count(cluster);
    if (count.incrementAndGet() > limit.orElse(Integer.MAX_VALUE) && !loopHasNone) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }

  public void closed(ClusterName cluster) {
    count(cluster).decrementAndGet();
  }

  /** Connections open or being opened, across all event loops. */
  public int open(ClusterName cluster) {
    return count(cluster).get();
  }

  private AtomicInteger count(ClusterName cluster) {
    AtomicInteger known = open.get(cluster);
    return known != null ? known : open.computeIfAbsent(cluster, name -> new AtomicInteger());
  }
}
