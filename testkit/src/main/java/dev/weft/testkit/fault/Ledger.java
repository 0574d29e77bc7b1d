package dev.weft.testkit.fault;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What reached one or more servers. Any thread may enter. It remembers {@link #MOST} requests by
 * their id and counts all.
 */
public final class Ledger {

  /** The header by which a test tells its requests apart. */
  public static final String ID = "x-request";

  /** Ids that are remembered. */
  public static final int MOST = 500_000;

  private final Map<String, Integer> times = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong cancelled = new AtomicLong();

  void request(Received received) {
    requests.incrementAndGet();
    received
        .id()
        .filter(id -> times.size() < MOST || times.containsKey(id))
        .ifPresent(id -> times.merge(id, 1, Integer::sum));
  }

  void connected() {
    connections.incrementAndGet();
  }

  void givenUp() {
    cancelled.incrementAndGet();
  }

  /** Requests whose whole head came. */
  public long requests() {
    return requests.get();
  }

  /** Connections that were taken. */
  public long connections() {
    return connections.get();
  }

  /** Requests that their sender gave up (reset or closed) before they were answered. */
  public long cancelled() {
    return cancelled.get();
  }

  /** How often a request came, by its id. */
  public int times(String id) {
    return times.getOrDefault(id, 0);
  }

  /** All of them, at this moment. */
  public Map<String, Integer> times() {
    return Map.copyOf(times);
  }
}
