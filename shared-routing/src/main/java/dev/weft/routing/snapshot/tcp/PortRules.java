package dev.weft.routing.snapshot.tcp;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.Gateway.Host;
import dev.weft.config.model.Gateway.ServerTls.Mode;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.ServiceEntry.Location;
import dev.weft.config.model.core.Service;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.route.tcp.ConnectionRule;
import dev.weft.routing.route.tcp.ConnectionTable;
import dev.weft.routing.route.tcp.ConnectionTableCompiler;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.PortServers.Owned;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides where the connections of one port of a gateway go that are not HTTP: by the rules of the
 * server that a handshake meets, by those of all servers where nothing is told apart, or by the
 * name of the handshake itself ({@code AUTO_PASSTHROUGH}). Pure; an explanation asks it too.
 *
 * <p>Source: Istio's names of clusters for {@code AUTO_PASSTHROUGH}: {@code
 * outbound_.PORT_.SUBSET_.HOST}.
 */
public final class PortRules {

  private final PortServers servers;
  private final ConnectionTable opaque;
  private final Map<Owned, ConnectionTable> rules;
  private final Map<String, ClusterName> named; // by the name of a handshake

  private PortRules(
      PortServers servers,
      ConnectionTable opaque,
      Map<Owned, ConnectionTable> rules,
      Map<String, ClusterName> named) {
    this.servers = servers;
    this.opaque = opaque;
    this.rules = Map.copyOf(rules);
    this.named = Map.copyOf(named);
  }

  /**
   * Of one port of a gateway.
   *
   * @param workload that the gateway is
   */
  public static PortRules of(MeshConfig config, Workload workload, PortServers servers) {
    Map<Owned, ConnectionTable> rules = new HashMap<>();
    servers.servers().stream()
        .filter(owned -> owned.secured() && !owned.server().http())
        .forEach(
            owned ->
                rules.put(
                    owned,
                    table(config, workload, Map.of(owned.gateway(), owned.server().hosts()))));
    ConnectionTable opaque =
        servers.opaque()
            ? table(config, workload, servers.hosts(Optional.empty()))
            : ConnectionTable.EMPTY;
    return new PortRules(servers, opaque, rules, named(config, servers.servers()));
  }

  private static ConnectionTable table(
      MeshConfig config, Workload workload, Map<String, List<Host>> hosts) {
    return ConnectionTableCompiler.gateway(config, hosts, workload.namespace(), workload.labels());
  }

  /** The servers of the port. */
  public PortServers servers() {
    return servers;
  }

  /** All rules that may hold here. */
  public List<ConnectionRule> rules() {
    return Stream.concat(Stream.of(opaque), rules.values().stream())
        .flatMap(table -> table.rules().stream())
        .toList();
  }

  /** All that the name of a handshake may lead to. */
  public Collection<ClusterName> named() {
    return named.values();
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
   * @param sink hears of each rule that was tried
   */
  public Optional<Towards> decide(ConnectionHead head, long seed, DecisionSink sink) {
    if (head.serverName().isEmpty()) {
      return decide(opaque, head, seed, sink);
    }
    Optional<Owned> met = servers.met(head.serverName());
    if (met.filter(PortRules::auto).isPresent()) {
      return Optional.ofNullable(named.get(head.serverName().get()))
          .map(cluster -> Towards.named(cluster, true));
    }
    ConnectionHead seen =
        met.filter(one -> one.server().passesThrough()).isPresent()
            ? head
            : new ConnectionHead(head.meant(), Optional.empty()); // its handshake ended here
    return met.flatMap(one -> Optional.ofNullable(rules.get(one)))
        .flatMap(table -> decide(table, seen, seed, sink));
  }

  private static Optional<Towards> decide(
      ConnectionTable table, ConnectionHead head, long seed, DecisionSink sink) {
    return table
        .decide(head, Optional.empty(), seed, sink)
        .map(chosen -> Towards.of(chosen.rule(), chosen.cluster()));
  }

  private static boolean auto(Owned one) {
    return one.server().tls().filter(tls -> tls.mode() == Mode.AUTO_PASSTHROUGH).isPresent();
  }

  /**
   * What the name of a handshake may lead to: every port and subset of the services of the mesh;
   * nothing where no server is for it.
   */
  private static Map<String, ClusterName> named(MeshConfig config, List<Owned> servers) {
    Map<String, ClusterName> all = new HashMap<>();
    if (servers.stream().noneMatch(PortRules::auto)) {
      return all;
    }
    for (Service service : config.services()) {
      for (Service.Port port : service.ports()) {
        each(config, service.host(), port.number(), all);
      }
    }
    for (ServiceEntry entry : config.serviceEntries()) {
      if (entry.location() == Location.MESH_INTERNAL) {
        for (String host : entry.hosts()) {
          entry.ports().forEach(port -> each(config, host, port.number(), all));
        }
      }
    }
    return all;
  }

  private static void each(MeshConfig config, String host, int port, Map<String, ClusterName> all) {
    if (host.startsWith("*")) {
      return;
    }
    put(ClusterName.outbound(host, port, ""), all);
    for (DestinationRule rule : config.destinationRules()) {
      if (rule.host().equals(host)) {
        rule.subsets().forEach(one -> put(ClusterName.outbound(host, port, one.name()), all));
      }
    }
  }

  private static void put(ClusterName name, Map<String, ClusterName> all) {
    String text = "outbound_." + name.port() + "_." + name.subset() + "_." + name.host();
    all.putIfAbsent(text.toLowerCase(Locale.ROOT), name);
  }
}
