package dev.weft.routing.admin.canary;

import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.AdminView.Share;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What each share of a rule got since its weights are what they are. That they are others is
 * noticed when somebody looks, so that the requests until then are counted for none.
 *
 * <p>Any thread.
 */
final class MeasuredShares {

  private Map<String, Since> begun = Map.of(); // by rule

  /**
   * Since when a rule's weights are so, and what had been counted then.
   *
   * @param at milliseconds since 1970
   */
  record Since(List<Share> shares, long at, Map<String, Count> counts) {
    /** What a cluster got since. */
    Count of(String cluster, Map<String, Count> now) {
      return now.getOrDefault(cluster, Count.NONE).since(counts.getOrDefault(cluster, Count.NONE));
    }
  }

  /**
   * Looks which weights are others now.
   *
   * @param rules that serve, those that divide
   * @param counts so far, by rule and cluster
   * @param at milliseconds since 1970, for those whose weights are others
   * @param only whether no other configuration served before, so that all was counted with it
   * @return by rule
   */
  synchronized Map<String, Since> looked(
      List<AdminView.Route> rules, Map<String, Map<String, Count>> counts, long at, boolean only) {
    Map<String, Since> next = new HashMap<>();
    for (AdminView.Route rule : rules) {
      Since before = begun.get(rule.name());
      boolean same = before != null && before.shares.equals(rule.shares());
      Map<String, Count> told = counts.getOrDefault(rule.name(), Map.of());
      next.put(rule.name(), same ? before : new Since(rule.shares(), at, only ? Map.of() : told));
    }
    begun = Map.copyOf(next);
    return begun;
  }
}
