package dev.weft.routing.snapshot;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.CompiledRoute;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where the destinations of each rule last led, so that one which does not exist (yet) keeps its
 * last working target for {@link #HOLD}: resources that are applied in the wrong order lose no
 * request. Used by the compiler's thread only.
 */
final class LastTargets {

  /** For how long a target that went missing is replaced by the one before it. */
  static final Duration HOLD = Upstream.HOLD;

  private final Ticker ticker;
  private Map<String, List<ClusterName>> before = new HashMap<>(); // by the name of the rule
  private Map<String, List<ClusterName>> now = new HashMap<>();
  private List<CompiledRoute> sameBefore = List.of(); // that led where they said
  private List<CompiledRoute> sameNow = new ArrayList<>();
  private Map<String, Long> missingBefore = Map.of(); // since when, by rule and cluster
  private Map<String, Long> missingNow = new HashMap<>();
  private boolean held;

  LastTargets(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Another configuration is compiled; what the last one led to is the past. */
  void begin() {
    before = now;
    now = new HashMap<>();
    sameBefore = sameNow;
    sameNow = new ArrayList<>(sameBefore.size());
    missingBefore = missingNow;
    missingNow = new HashMap<>();
    held = false;
  }

  /** Whether a destination has its former target since {@link #begin}. */
  boolean held() {
    return held;
  }

  /**
   * The clusters that a rule's destinations lead to now.
   *
   * @param works whether a cluster has endpoints
   */
  List<ClusterName> of(CompiledRoute route, Predicate<ClusterName> works) {
    return of(route.id().name(), route.clusters(), works);
  }

  /**
   * As the other.
   *
   * @param rule its name
   * @param clusters that it wants
   */
  List<ClusterName> of(String rule, List<ClusterName> clusters, Predicate<ClusterName> works) {
    List<ClusterName> all = new ArrayList<>();
    for (int i = 0; i < clusters.size(); i++) {
      all.add(target(rule, i, clusters.get(i), works));
    }
    List<ClusterName> leads = all.equals(clusters) ? clusters : all; // one object to compare with
    now.put(rule, leads);
    return leads;
  }

  /** The rule leads where its own destinations do. */
  void same(CompiledRoute route) {
    sameNow.add(route);
  }

  private ClusterName target(
      String rule, int index, ClusterName wanted, Predicate<ClusterName> works) {
    if (works.test(wanted)) {
      return wanted;
    }
    Optional<ClusterName> last = last(rule, index).filter(one -> !one.equals(wanted));
    if (last.isEmpty() || !works.test(last.get())) {
      return wanted;
    }
    String key = rule + " " + wanted;
    long since = missingBefore.getOrDefault(key, ticker.nanos());
    missingNow.put(key, since);
    if (ticker.nanos() - since >= HOLD.toNanos()) {
      return wanted;
    }
    held = true;
    return last.get();
  }

  private Optional<ClusterName> last(String rule, int index) {
    List<ClusterName> former = former(rule);
    return former.isEmpty()
        ? Optional.empty()
        : Optional.of(former.get(Math.min(index, former.size() - 1)));
  }

  /** By name only once one is asked for: where nothing is missing, nobody asks. */
  private List<ClusterName> former(String rule) {
    sameBefore.forEach(route -> before.put(route.id().name(), route.clusters()));
    sameBefore = List.of();
    return before.getOrDefault(rule, List.of());
  }
}
