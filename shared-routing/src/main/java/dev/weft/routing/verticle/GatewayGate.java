package dev.weft.routing.verticle;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.listener.gate.Gate;
import dev.weft.routing.listener.intercept.Carriage;
import dev.weft.routing.listener.intercept.Refused.Why;
import dev.weft.routing.listener.intercept.Relaying;
import dev.weft.routing.listener.intercept.Way;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.snapshot.PortRouting;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotStore;
import dev.weft.routing.snapshot.tcp.PortConnections;
import java.util.Objects;
import java.util.Optional;

/**
 * One port of a gateway as the snapshot has it that serves now. Two of one port and one process are
 * the same, so that a listener need not begin anew with each snapshot.
 */
final class GatewayGate implements Gate.Port, Way.Ways {

  private final SnapshotStore store;
  private final int port;

  private GatewayGate(SnapshotStore store, int port) {
    this.store = store;
    this.port = port;
  }

  static Gate of(SnapshotStore store, int port, Carriage carriage) {
    GatewayGate gate = new GatewayGate(store, port);
    return new Gate(gate, new Relaying(gate, carriage.passed(), carriage, Optional.empty()));
  }

  private Optional<PortRouting> routing() {
    return store
        .current()
        .map(Snapshot::gateway)
        .flatMap(ports -> Optional.ofNullable(ports.get(port)));
  }

  private Optional<PortConnections> connections() {
    return routing().map(PortRouting::connections);
  }

  @Override
  public boolean opaque() {
    return connections().map(PortConnections::servers).filter(PortServers::opaque).isPresent();
  }

  @Override
  public boolean passes() {
    return connections().map(PortConnections::servers).filter(PortServers::passes).isPresent();
  }

  @Override
  public boolean passes(String serverName) {
    return connections().filter(one -> one.passes(serverName)).isPresent();
  }

  @Override
  public Way of(Caller caller, ConnectionHead head, long seed) {
    Optional<PortRouting> now = routing();
    Optional<Way> denied =
        now.flatMap(one -> one.guard().denies(caller, caller.localPort())).map(Way.Denied::new);
    return denied.orElseGet(
        () ->
            now.flatMap(one -> one.connections().target(head, seed))
                .<Way>map(to -> new Way.Service(to.route(), to.upstream(), to.exact(), to.sealed()))
                .orElseGet(() -> new Way.Nowhere(Why.NO_ROUTE)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GatewayGate gate && gate.store == store && gate.port == port;
  }

  @Override
  public int hashCode() {
    return Objects.hash(System.identityHashCode(store), port);
  }
}
