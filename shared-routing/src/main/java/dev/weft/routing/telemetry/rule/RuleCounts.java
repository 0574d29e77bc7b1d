package dev.weft.routing.telemetry.rule;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests by the rule that was chosen for them, and by the cluster that its weights chose, since
 * the start. A rule keeps its counts when the configuration changes, as long as it keeps its name
 * and place among the others.
 *
 * <p>Any thread may enter. Counting for a known rule is two look-ups without a lock, and allocates
 * nothing. Names come from configuration, never from callers; from {@value #MOST} rules and {@value
 * #MOST_SHARES} clusters of one rule on, further ones are not counted.
 */
public final class RuleCounts {

  private static final int MOST = 10_000;
  private static final int MOST_SHARES = 200;

  private final Map<RouteId, Rule> rules = new ConcurrentHashMap<>();

  /**
   * What was counted.
   *
   * @param requests that ended
   * @param failed of these, see {@link #count}
   */
  public record Count(long requests, long failed) {

    /** Of nothing. */
    public static final Count NONE = new Count(0, 0);

    /** What was counted since then; never less than nothing. */
    public Count since(Count before) {
      return new Count(
          Math.max(0, requests - before.requests), Math.max(0, failed - before.failed));
    }

    private Count plus(Count other) {
      return new Count(requests + other.requests, failed + other.failed);
    }
  }

  /**
   * Counts a request that ended.
   *
   * @param failed whether its status was 500 or more, or there was none
   */
  public void count(Decision decision, boolean failed) {
    Rule rule = known(rules, decision.route(), MOST, fresh -> new Rule());
    if (rule == null) {
      return;
    }
    rule.all.count(failed);
    if (decision.action() instanceof Forward forward) {
      Adders share = known(rule.shares, forward.cluster(), MOST_SHARES, fresh -> new Adders());
      if (share != null) {
        share.count(failed);
      }
    }
  }

  private static <K, V> @Nullable V known(Map<K, V> all, K key, int most, Function<K, V> fresh) {
    V value = all.get(key);
    return value != null || all.size() >= most ? value : all.computeIfAbsent(key, fresh);
  }

  /** By the rule's name; {@code -} stands for no rule. */
  public Map<String, Count> counts() {
    Map<String, Count> all = new TreeMap<>();
    rules.forEach((id, rule) -> all.merge(id.name(), rule.all.sum(), Count::plus));
    return all;
  }

  /** By the rule's name and the cluster's, of requests that were to be sent on. */
  public Map<String, Map<String, Count>> shares() {
    Map<String, Map<String, Count>> all = new TreeMap<>();
    rules.forEach(
        (id, rule) ->
            rule.shares.forEach(
                (cluster, count) ->
                    all.computeIfAbsent(id.name(), any -> new TreeMap<>())
                        .merge(cluster.toString(), count.sum(), Count::plus)));
    return all;
  }

  private static final class Rule {
    private final Adders all = new Adders();
    private final Map<ClusterName, Adders> shares = new ConcurrentHashMap<>();
  }

  private static final class Adders {
    private final LongAdder requests = new LongAdder();
    private final LongAdder failed = new LongAdder();

    void count(boolean failure) {
      requests.increment();
      if (failure) {
        failed.increment();
      }
    }

    Count sum() {
      return new Count(requests.sum(), failed.sum());
    }
  }
}
