package dev.weft.routing.snapshot.tcp;

import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.tcp.ConnectionRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The upstreams that decisions about connections lead to, at one place. Immutable. */
public final class ConnectionRouting {

  private final Map<ConnectionRule, Map<ClusterName, Upstream>> ofRules = new HashMap<>();
  private final Map<ClusterName, Upstream> others;

  /**
   * Where a connection goes.
   *
   * @param route name of the rule that says so; empty where none does
   * @param exact whether to the endpoint at the address that was meant, and to no other
   * @param sealed whether the caller made the handshake with the endpoint itself
   */
  public record Target(String route, Upstream upstream, boolean exact, boolean sealed) {}

  /**
   * @param leads the upstream that stands for each cluster of a rule
   * @param others to which no rule leads, but an address or a name
   */
  ConnectionRouting(
      List<ConnectionRule> rules,
      Function<ConnectionRule, Map<ClusterName, Upstream>> leads,
      Map<ClusterName, Upstream> others) {
    rules.forEach(rule -> ofRules.put(rule, leads.apply(rule)));
    this.others = Map.copyOf(others);
  }

  /** Empty where the snapshot has no such upstream. */
  public Optional<Target> target(Towards decided) {
    Map<ClusterName, Upstream> leads =
        decided.rule().map(rule -> ofRules.getOrDefault(rule, Map.of())).orElse(others);
    @Nullable Upstream upstream = leads.get(decided.cluster());
    String route = decided.rule().map(ConnectionRule::name).orElse("");
    return Optional.ofNullable(upstream)
        .map(one -> new Target(route, one, decided.exact(), decided.sealed()));
  }
}
