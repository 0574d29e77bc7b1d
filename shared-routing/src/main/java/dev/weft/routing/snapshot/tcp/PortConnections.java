package dev.weft.routing.snapshot.tcp;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.Gateway.ServerTls.Mode;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.ServiceEntry.Location;
import dev.weft.config.model.core.Service;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.PortServers.Owned;
import dev.weft.routing.snapshot.tcp.ConnectionRouting.Target;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where the connections of one port of a gateway go that are not HTTP: by the rules of the server
 * that a handshake meets, by those of all servers where nothing is told apart, or by the name of
 * the handshake itself ({@code AUTO_PASSTHROUGH}). Immutable.
 *
 * <p>Source: Istio's names of clusters for {@code AUTO_PASSTHROUGH}: {@code
 * outbound_.PORT_.SUBSET_.HOST}.
 */
public final class PortConnections {

  private final PortServers servers;
  private final ConnectionRouting opaque;
  private final Map<Owned, ConnectionRouting> rules;
  private final Map<String, Upstream> named; // by the name of a handshake

  /**
   * @param opaque rules of all servers for TCP
   * @param rules of each other server that is not for HTTP
   * @param named what servers of {@code AUTO_PASSTHROUGH} lead to, by the name of a handshake
   */
  public PortConnections(
      PortServers servers,
      ConnectionRouting opaque,
      Map<Owned, ConnectionRouting> rules,
      Map<String, Upstream> named) {
    this.servers = servers;
    this.opaque = opaque;
    this.rules = Map.copyOf(rules);
    this.named = Map.copyOf(named);
  }

  /**
   * @param sealed whether the caller made the handshake with the endpoint itself
   */
  public record Towards(Target target, boolean sealed) {}

  /** The servers of the port. */
  public PortServers servers() {
    return servers;
  }

  /** Whether TLS that asks for a name is carried as it is. */
  public boolean passes(String serverName) {
    return servers
        .met(Optional.of(serverName))
        .filter(one -> one.server().passesThrough())
        .isPresent();
  }

  /**
   * Where a connection goes; empty where no rule is for it.
   *
   * @param seed of the connection
   */
  public Optional<Towards> towards(ConnectionHead head, long seed) {
    if (head.serverName().isEmpty()) {
      return opaque.target(head, Optional.empty(), seed).map(to -> new Towards(to, false));
    }
    Optional<Owned> met = servers.met(head.serverName());
    if (met.filter(PortConnections::auto).isPresent()) {
      return Optional.ofNullable(named.get(head.serverName().get()))
          .map(upstream -> new Towards(new Target("", upstream, false), true));
    }
    ConnectionHead seen =
        met.filter(one -> one.server().passesThrough()).isPresent()
            ? head
            : new ConnectionHead(head.meant(), Optional.empty()); // its handshake ended here
    return met.flatMap(one -> Optional.ofNullable(rules.get(one)))
        .flatMap(routing -> routing.target(seen, Optional.empty(), seed))
        .map(to -> new Towards(to, false));
  }

  private static boolean auto(Owned one) {
    return one.server().tls().filter(tls -> tls.mode() == Mode.AUTO_PASSTHROUGH).isPresent();
  }

  /**
   * What the name of a handshake may lead to: every port and subset of the services of the mesh;
   * nothing where no server is for it.
   */
  public static Map<String, Upstream> named(
      MeshConfig config, List<Owned> servers, Function<ClusterName, Upstream> upstreams) {
    Map<String, Upstream> all = new HashMap<>();
    if (servers.stream().noneMatch(PortConnections::auto)) {
      return all;
    }
    for (Service service : config.services()) {
      for (Service.Port port : service.ports()) {
        each(config, service.host(), port.number(), upstreams, all);
      }
    }
    for (ServiceEntry entry : config.serviceEntries()) {
      if (entry.location() == Location.MESH_INTERNAL) {
        for (String host : entry.hosts()) {
          entry.ports().forEach(port -> each(config, host, port.number(), upstreams, all));
        }
      }
    }
    return all;
  }

  private static void each(
      MeshConfig config,
      String host,
      int port,
      Function<ClusterName, Upstream> upstreams,
      Map<String, Upstream> all) {
    if (host.startsWith("*")) {
      return;
    }
    put(ClusterName.outbound(host, port, ""), upstreams, all);
    for (DestinationRule rule : config.destinationRules()) {
      if (rule.host().equals(host)) {
        rule.subsets()
            .forEach(one -> put(ClusterName.outbound(host, port, one.name()), upstreams, all));
      }
    }
  }

  private static void put(
      ClusterName name, Function<ClusterName, Upstream> upstreams, Map<String, Upstream> all) {
    String text = "outbound_." + name.port() + "_." + name.subset() + "_." + name.host();
    all.computeIfAbsent(text.toLowerCase(Locale.ROOT), any -> upstreams.apply(name));
  }
}
