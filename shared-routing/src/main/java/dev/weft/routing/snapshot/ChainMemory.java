package dev.weft.routing.snapshot;

import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.route.CompiledRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The chains of one table's rules as they were compiled last, so that an edit makes those anew that
 * it changes. A rule is known by its instance at its index, since the table takes what did not
 * change from the table before. Used by the compiler's thread only.
 */
final class ChainMemory {

  private List<Kept> before = List.of(); // by the rule's index
  private List<Kept> now = new ArrayList<>();
  private List<Upstream> worked = List.of(); // of the rule before this one

  /**
   * The steps of a rule, and where they lead.
   *
   * @param targets the rule's own clusters, as the same object, where each leads where it says
   * @param upstreams of the targets and mirrors
   */
  private record Kept(
      CompiledRoute rule, List<ClusterName> targets, List<Upstream> upstreams, Service steps) {

    boolean asSaid() {
      return targets == rule.clusters();
    }
  }

  /**
   * What one compilation makes chains with.
   *
   * @param same whether upstreams and their settings are those of the compilation before
   * @param used gets the upstreams that chains lead to
   */
  record Making(
      StageOrder order, LastTargets targets, boolean same, Map<ClusterName, Upstream> used) {

    private List<Upstream> upstreams(CompiledRoute rule, List<ClusterName> leads) {
      return Stream.concat(leads.stream(), rule.mirrors().stream()).map(order::upstream).toList();
    }
  }

  /** The settings that steps are made by are others now. */
  void forget() {
    now = new ArrayList<>();
  }

  /** The chains of a table's rules, in their order; what another table had is forgotten. */
  List<Service> chains(List<CompiledRoute> rules, Making making) {
    before = now;
    now = new ArrayList<>(rules.size());
    worked = List.of();
    List<Service> chains = new ArrayList<>(rules.size());
    @Nullable Service steps = null; // neighbours are often alike
    @Nullable Service chain = null;
    for (CompiledRoute rule : rules) {
      Kept kept = kept(rule, making);
      now.add(kept);
      if (chain == null || kept.steps != steps || making.order.tellsApart()) {
        steps = kept.steps;
        chain = making.order.observed(rule, steps);
      }
      chains.add(chain);
    }
    before = List.of();
    return chains;
  }

  /** As before, without looking again, where nothing of it can have changed. */
  private Kept kept(CompiledRoute rule, Making making) {
    @Nullable Kept last = last(rule);
    if (making.same && last != null && last.asSaid() && works(last.upstreams, making.used)) {
      making.targets.same(rule);
      return last;
    }
    List<ClusterName> leads = making.targets.of(rule, making.order::works);
    List<Upstream> upstreams = making.upstreams(rule, leads);
    return last != null && last.targets.equals(leads) && last.upstreams.equals(upstreams)
        ? new Kept(rule, leads, last.upstreams, last.steps)
        : new Kept(rule, leads, shared(upstreams), making.order.steps(rule, leads));
  }

  private @Nullable Kept last(CompiledRoute rule) {
    int index = now.size();
    @Nullable Kept last = index < before.size() ? before.get(index) : null;
    return last != null && last.rule == rule ? last : null;
  }

  /** The same object as at the rule before, where it leads to the same. */
  private List<Upstream> shared(List<Upstream> upstreams) {
    List<Upstream> neighbours = now.isEmpty() ? List.of() : now.get(now.size() - 1).upstreams;
    return neighbours.equals(upstreams) ? neighbours : upstreams;
  }

  /** Whether each leads somewhere, so that none may need its former target; then they are used. */
  private boolean works(List<Upstream> upstreams, Map<ClusterName, Upstream> used) {
    if (upstreams == worked) {
      return true;
    }
    for (Upstream upstream : upstreams) {
      if (!upstream.endpoints().leads()) {
        return false;
      }
      used.put(upstream.name(), upstream);
    }
    worked = upstreams;
    return true;
  }
}
