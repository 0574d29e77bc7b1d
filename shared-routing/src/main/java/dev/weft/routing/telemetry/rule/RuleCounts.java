package dev.weft.routing.telemetry.rule;

import dev.weft.routing.exchange.Decision.RouteId;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Requests by the rule that was chosen for them, since the start. A rule keeps its counts when the
 * configuration changes, as long as it keeps its name and place among the others.
 *
 * <p>Any thread may enter. Counting for a known rule is one look-up without a lock, and allocates
 * nothing. Names come from configuration, never from callers; from {@value #MOST} on, further ones
 * are not counted.
 */
public final class RuleCounts {

  private static final int MOST = 10_000;

  private final Map<RouteId, Adders> rules = new ConcurrentHashMap<>();

  /**
   * What was counted of a rule.
   *
   * @param requests that ended
   * @param failed of these, see {@link #count}
   */
  public record Count(long requests, long failed) {

    private Count plus(Count other) {
      return new Count(requests + other.requests, failed + other.failed);
    }
  }

  /**
   * Counts a request that ended.
   *
   * @param failed whether its status was 500 or more, or there was none
   */
  public void count(RouteId rule, boolean failed) {
    Adders adders = rules.get(rule);
    if (adders == null) {
      if (rules.size() >= MOST) {
        return;
      }
      adders = rules.computeIfAbsent(rule, fresh -> new Adders());
    }
    adders.requests.increment();
    if (failed) {
      adders.failed.increment();
    }
  }

  /** By the rule's name; {@code -} stands for no rule. */
  public Map<String, Count> counts() {
    Map<String, Count> all = new TreeMap<>();
    rules.forEach(
        (rule, adders) ->
            all.merge(
                rule.name(), new Count(adders.requests.sum(), adders.failed.sum()), Count::plus));
    return all;
  }

  private static final class Adders {
    private final LongAdder requests = new LongAdder();
    private final LongAdder failed = new LongAdder();
  }
}
