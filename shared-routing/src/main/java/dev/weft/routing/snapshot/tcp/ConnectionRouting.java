package dev.weft.routing.snapshot.tcp;

import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.route.tcp.ConnectionRule;
import dev.weft.routing.route.tcp.ConnectionTable;
import dev.weft.routing.route.tcp.ConnectionTable.Meant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** The rules for connections of one place and the upstreams that they lead to. Immutable. */
public final class ConnectionRouting {

  /** No rule at all. */
  public static final ConnectionRouting NONE =
      new ConnectionRouting(ConnectionTable.EMPTY, rule -> Map.of());

  private final ConnectionTable table;
  private final List<Map<ClusterName, Upstream>> upstreams; // by the index of a rule

  /**
   * Where a connection goes.
   *
   * @param route name of the rule that says so; empty where none does
   * @param exact whether to the endpoint at the address that was meant, and to no other
   */
  public record Target(String route, Upstream upstream, boolean exact) {}

  /**
   * @param leads the upstream that stands for each cluster of a rule
   */
  public ConnectionRouting(
      ConnectionTable table, Function<ConnectionRule, Map<ClusterName, Upstream>> leads) {
    this.table = table;
    this.upstreams = table.rules().stream().map(leads).toList();
  }

  /** Whether any rule goes by the name of a handshake. */
  public boolean byName() {
    return table.byName();
  }

  /**
   * What the rules say of a connection; empty where none is for it.
   *
   * @param meant the service that it was going to, as far as is known
   * @param seed of the connection
   */
  public Optional<Target> target(ConnectionHead head, Optional<Meant> meant, long seed) {
    return table
        .decide(head, meant, seed, DecisionSink.NONE)
        .map(
            chosen ->
                new Target(
                    chosen.rule().name(),
                    Objects.requireNonNull(
                        upstreams.get(chosen.rule().index()).get(chosen.cluster())),
                    false));
  }
}
