package dev.weft.routing.snapshot.tcp;

import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.tcp.ConnectionRouting.Target;
import java.util.Optional;

/** The connections of one port of a gateway that are not HTTP, and where they lead. Immutable. */
public record PortConnections(PortRules rules, ConnectionRouting routing) {

  /** The servers of the port. */
  public PortServers servers() {
    return rules.servers();
  }

  /** Whether TLS that asks for a name is carried as it is. */
  public boolean passes(String serverName) {
    return rules.passes(serverName);
  }

  /**
   * Where a connection goes; empty where no rule is for it.
   *
   * @param seed of the connection
   */
  public Optional<Target> target(ConnectionHead head, long seed) {
    return rules.decide(head, seed, DecisionSink.NONE).flatMap(routing::target);
  }
}
