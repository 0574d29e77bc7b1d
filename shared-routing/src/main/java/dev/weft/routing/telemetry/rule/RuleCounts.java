package dev.weft.routing.telemetry.rule;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.telemetry.Histogram;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests by the rule that was chosen for them, and by the cluster that its weights chose, since
 * the start; and likewise connections that are not HTTP. A rule keeps its counts when the
 * configuration changes, as long as it keeps its name; one that the configuration no longer has is
 * told for {@link #KEPT} more, so that whoever asks has seen its last, and is forgotten then.
 *
 * <p>Any thread may enter. Counting for a known rule is two look-ups without a lock, and allocates
 * nothing. Names come from configuration, never from callers; from {@value #MOST} rules on, further
 * ones are counted together, and from {@value #MOST_SHARES} clusters of one rule on, further ones
 * are not counted by themselves.
 */
public final class RuleCounts {

  /** How long a rule is told that the configuration has no longer. */
  public static final Duration KEPT = Duration.ofHours(1);

  private static final int MOST = 10_000;
  private static final int MOST_SHARES = 200;

  private static final double NANOS_PER_MILLI = 1e6;

  private final Map<String, Rule> rules = new ConcurrentHashMap<>();
  private final Map<String, Rule> connections = new ConcurrentHashMap<>();
  private final Rule overflow = new Rule();
  private final FailureCounts failures = new FailureCounts();
  private final Map<String, Long> gone = new HashMap<>(); // since when, by the rule's name
  private Set<String> configured = Set.of();
  private @Nullable Ticker ticker;

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
   * What was counted of a rule's requests, read at one moment: shares of it are true to the
   * request.
   *
   * @param millis how long they took, in milliseconds; never of fewer than failed
   */
  public record Totals(Count count, Histogram millis) {}

  /**
   * Counts a request that ended.
   *
   * @param failed whether its caller did not get what he came for, by no fault of his own
   * @param nanos that it took, from 0
   */
  public void count(Decision decision, boolean failed, long nanos) {
    Rule rule = known(rules, decision.route().name(), MOST, fresh -> new Rule());
    if (rule == null) {
      overflow.count(failed, nanos);
      return;
    }
    rule.count(failed, nanos);
    if (decision.action() instanceof Forward forward) {
      Adders share = known(rule.shares, forward.cluster(), MOST_SHARES, fresh -> new Adders());
      if (share != null) {
        share.count(failed);
      }
    }
  }

  /**
   * Counts a connection that is not HTTP.
   *
   * @param rule that says where it goes; empty where none does, for which nothing is counted
   * @param failed whether nobody could be reached
   */
  public void connection(String rule, ClusterName cluster, boolean failed) {
    Rule known = rule.isEmpty() ? null : known(connections, rule, MOST, fresh -> new Rule());
    if (known == null) {
      return;
    }
    known.all.count(failed);
    Adders share = known(known.shares, cluster, MOST_SHARES, fresh -> new Adders());
    if (share != null) {
      share.count(failed);
    }
  }

  private static <K, V> @Nullable V known(Map<K, V> all, K key, int most, Function<K, V> fresh) {
    V value = all.get(key);
    return value != null || all.size() >= most ? value : all.computeIfAbsent(key, fresh);
  }

  /**
   * Tells which rules the configuration has from now on.
   *
   * @param names of rules for requests and for connections
   * @param time by which others are forgotten
   */
  public synchronized void configured(Set<String> names, Ticker time) {
    ticker = time;
    forget();
    Set<String> unread = new HashSet<>(); // so many within the time: nobody reads them all
    for (String name : configured) {
      if (!names.contains(name) && !gone.containsKey(name)) {
        if (gone.size() < MOST) {
          gone.put(name, time.nanos());
        } else {
          unread.add(name);
        }
      }
    }
    forget(unread);
    gone.keySet().removeAll(names);
    configured = Set.copyOf(names);
  }

  private synchronized void forget() {
    if (ticker == null || gone.isEmpty()) {
      return;
    }
    long now = ticker.nanos();
    Set<String> over = new HashSet<>();
    gone.forEach(
        (name, since) -> {
          if (now - since >= KEPT.toNanos()) {
            over.add(name);
          }
        });
    gone.keySet().removeAll(over);
    forget(over);
  }

  private void forget(Set<String> names) {
    if (!names.isEmpty()) {
      rules.keySet().removeAll(names);
      connections.keySet().removeAll(names);
      failures.forget(names);
    }
  }

  /** Why requests failed. */
  public FailureCounts failures() {
    forget();
    return failures;
  }

  /** Requests by the rule's name; {@code -} stands for no rule. */
  public Map<String, Totals> requests() {
    forget();
    Map<String, Totals> all = new TreeMap<>();
    rules.forEach((name, rule) -> all.put(name, rule.totals()));
    return all;
  }

  /** Connections that are not HTTP, by the rule's name. */
  public Map<String, Count> connections() {
    forget();
    Map<String, Count> all = new TreeMap<>();
    connections.forEach((name, rule) -> all.put(name, rule.all.sum()));
    return all;
  }

  /** Of all rules that are too many to be told apart. */
  public Totals overflow() {
    return overflow.totals();
  }

  /** By the rule's name and the cluster's, of requests and connections that were to be sent on. */
  public Map<String, Map<String, Count>> shares() {
    Map<String, Map<String, Count>> all = new TreeMap<>();
    rules.forEach((name, rule) -> add(all, name, rule));
    connections.forEach((name, rule) -> add(all, name, rule));
    return all;
  }

  private static void add(Map<String, Map<String, Count>> all, String name, Rule rule) {
    rule.shares.forEach(
        (cluster, count) ->
            all.computeIfAbsent(name, any -> new TreeMap<>())
                .merge(cluster.toString(), count.sum(), Count::plus));
  }

  private static final class Rule {
    private final Adders all = new Adders();
    private final Map<ClusterName, Adders> shares = new ConcurrentHashMap<>();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder[] buckets = new LongAdder[Histogram.BUCKETS];

    Rule() {
      Arrays.setAll(buckets, fresh -> new LongAdder());
    }

    void count(boolean failure, long took) {
      nanos.add(took);
      buckets[Histogram.bucketOfNanos(took)].increment();
      all.count(failure);
    }

    Totals totals() {
      Count count = all.sum(); // first: none fails that did not take
      long[] counts = Stream.of(buckets).mapToLong(LongAdder::sum).toArray();
      return new Totals(count, Histogram.of(counts, nanos.sum() / NANOS_PER_MILLI));
    }
  }

  /** Apart from each other, so that a sum never has a request without how it ended. */
  private static final class Adders {
    private final LongAdder well = new LongAdder();
    private final LongAdder failed = new LongAdder();

    void count(boolean failure) {
      (failure ? failed : well).increment();
    }

    Count sum() {
      long failures = failed.sum();
      return new Count(well.sum() + failures, failures);
    }
  }
}
