package dev.weft.routing.snapshot.tcp;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.tcp.ConnectionRule;
import java.util.Optional;

/**
 * What is decided of a connection that is not HTTP.
 *
 * @param rule that says so; empty where its address does, or the name of its handshake
 * @param exact whether to the endpoint at the address that was meant, and to no other
 * @param sealed whether the caller made the handshake with the endpoint itself
 */
public record Towards(
    Optional<ConnectionRule> rule, ClusterName cluster, boolean exact, boolean sealed) {

  static Towards of(ConnectionRule rule, ClusterName cluster) {
    return new Towards(Optional.of(rule), cluster, false, false);
  }

  static Towards named(ClusterName cluster, boolean sealed) {
    return new Towards(Optional.empty(), cluster, false, sealed);
  }
}
