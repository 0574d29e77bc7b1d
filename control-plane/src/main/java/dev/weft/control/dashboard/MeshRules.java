package dev.weft.control.dashboard;

import dev.weft.routing.admin.dashboard.Golden;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How requests fared by the rule that was chosen for them, of all proxies. A request is counted by
 * each proxy that chose a rule for it. What came since a proxy was heard last is added, so that one
 * that leaves takes nothing away.
 *
 * <p>Not for several threads at once.
 */
final class MeshRules {

  private static final int MOST = 10_000;

  private final Map<String, Golden> sums = new HashMap<>();

  /**
   * A proxy told.
   *
   * @param earlier what it told before
   */
  void add(Map<String, Golden> earlier, Map<String, Golden> now) {
    now.forEach(
        (rule, golden) -> {
          if (sums.containsKey(rule) || sums.size() < MOST) {
            Golden came = golden.minus(earlier.getOrDefault(rule, Golden.NONE));
            sums.merge(rule, came, Golden::plus);
          }
        });
  }

  /** Forgets rules of which no proxy tells any more. */
  void retain(Collection<Map<String, Golden>> told) {
    Set<String> known = new HashSet<>();
    told.forEach(one -> known.addAll(one.keySet()));
    sums.keySet().retainAll(known);
  }

  /** All that was added, by the rule's name. */
  Map<String, Golden> all() {
    return Map.copyOf(sums);
  }
}
