package dev.weft.routing.snapshot;

import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.route.CompiledRoute;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The steps of each rule as they were compiled last, so that an edit makes those anew that it
 * changes. A rule is known by its instance, since the table takes what did not change from the
 * table before. Used by the compiler's thread only.
 */
final class ChainMemory {

  private IdentityHashMap<CompiledRoute, Kept> before = new IdentityHashMap<>();
  private IdentityHashMap<CompiledRoute, Kept> now = new IdentityHashMap<>();

  /**
   * The steps of a rule, and where they lead.
   *
   * @param upstreams of the targets and mirrors
   */
  record Kept(List<ClusterName> targets, List<Upstream> upstreams, Service steps) {

    /** Whether each leads somewhere, so that none may need its former target. */
    boolean works() {
      for (Upstream upstream : upstreams) {
        if (!upstream.endpoints().leads()) {
          return false;
        }
      }
      return true;
    }
  }

  /** Another configuration is compiled; what is not asked for until then is forgotten. */
  void begin() {
    before = now;
    now = new IdentityHashMap<>(before.size());
  }

  /** The settings that steps are made by are others now. */
  void forget() {
    before = new IdentityHashMap<>();
  }

  /** What the rule had in the configuration before. */
  Optional<Kept> of(CompiledRoute route) {
    return Optional.ofNullable(before.get(route));
  }

  Kept keep(CompiledRoute route, Kept kept) {
    now.put(route, kept);
    return kept;
  }

  /** The steps of before where they lead to the same upstreams still, or else new ones. */
  Kept keep(
      CompiledRoute route,
      List<ClusterName> targets,
      Collection<Upstream> upstreams,
      Function<List<ClusterName>, Service> steps) {
    List<Upstream> all = List.copyOf(upstreams);
    Kept kept =
        of(route)
            .filter(one -> one.targets.equals(targets) && one.upstreams.equals(all))
            .orElseGet(() -> new Kept(targets, all, steps.apply(targets)));
    return keep(route, kept);
  }
}
