package dev.weft.routing.snapshot.tcp;

import dev.weft.config.model.MeshConfig;
import dev.weft.routing.discovery.Destinations;
import dev.weft.routing.discovery.Destinations.Known;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.route.tcp.ConnectionTable;
import dev.weft.routing.route.tcp.ConnectionTable.Meant;
import dev.weft.routing.route.tcp.ConnectionTableCompiler;
import java.util.Optional;

/**
 * Decides where the connections of the own application go that are not HTTP: by the rules, the name
 * of their handshake, or their address. Pure; an explanation asks it too.
 */
public record MeshRules(ConnectionTable table) {

  /** As a workload sees them. */
  public static MeshRules of(MeshConfig config, Workload workload) {
    return new MeshRules(
        ConnectionTableCompiler.mesh(config, workload.namespace(), workload.labels()));
  }

  /** Whether the name in a handshake may say where a connection goes. */
  public boolean byName(Destinations destinations) {
    return table.byName() || destinations.byName();
  }

  /**
   * Where a connection goes; empty where nothing is known of it. Rules hold for the service whose
   * address it is, or that has none but those of its instances; an instance that was chosen
   * although its service has an address is reached itself.
   *
   * @param destinations what is known of addresses now
   * @param seed of the connection
   * @param sink hears of each rule that was tried
   */
  public Optional<Towards> decide(
      ConnectionHead head, Destinations destinations, long seed, DecisionSink sink) {
    Optional<Known> known = destinations.at(head.meant());
    Optional<Towards> plain =
        known.map(one -> new Towards(Optional.empty(), one.cluster(), one.instance(), false));
    if (known.filter(one -> one.instance() && one.addressed()).isPresent()) {
      return plain;
    }
    Optional<Meant> meant = known.map(one -> new Meant(one.cluster().host(), !one.instance()));
    return table
        .decide(head, meant, seed, sink)
        .map(chosen -> Towards.of(chosen.rule(), chosen.cluster()))
        .or(() -> named(head, known, destinations))
        .or(() -> plain);
  }

  /** The service that has the name of the handshake, where the address is of no other. */
  private static Optional<Towards> named(
      ConnectionHead head, Optional<Known> known, Destinations destinations) {
    if (head.serverName().isEmpty() || known.filter(one -> !one.instance()).isPresent()) {
      return Optional.empty();
    }
    return destinations
        .named(head.serverName().get(), head.meant().getPort())
        .filter(one -> known.filter(at -> at.cluster().equals(one.cluster())).isEmpty())
        .map(one -> Towards.named(one.cluster(), false));
  }
}
