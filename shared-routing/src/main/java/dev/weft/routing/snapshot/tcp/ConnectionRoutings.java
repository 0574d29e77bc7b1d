package dev.weft.routing.snapshot.tcp;

import dev.weft.config.model.Gateway.Host;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.route.tcp.ConnectionRule;
import dev.weft.routing.route.tcp.ConnectionTable;
import dev.weft.routing.route.tcp.ConnectionTableCompiler;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.PortServers.Owned;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Makes what a snapshot says of connections that are not HTTP. One for each compilation. */
public final class ConnectionRoutings {

  private final MeshConfig config;
  private final Workload workload;
  private final Leads leads;
  private final Function<ClusterName, Upstream> upstreams;

  /** Where rules lead that want a cluster which does not exist (yet). */
  public interface Leads {
    /**
     * @param rule its name
     * @return one for each that it wants, in their order
     */
    List<ClusterName> of(String rule, List<ClusterName> wanted);
  }

  public ConnectionRoutings(
      MeshConfig config,
      Workload workload,
      Leads leads,
      Function<ClusterName, Upstream> upstreams) {
    this.config = config;
    this.workload = workload;
    this.leads = leads;
    this.upstreams = upstreams;
  }

  /** Of what the own application opens. */
  public ConnectionRouting mesh() {
    return routing(ConnectionTableCompiler.mesh(config, workload.namespace(), workload.labels()));
  }

  /** Of one port of a gateway. */
  public PortConnections at(PortServers servers) {
    Map<Owned, ConnectionRouting> rules = new HashMap<>();
    servers.servers().stream()
        .filter(owned -> owned.secured() && !owned.server().http())
        .forEach(
            owned -> rules.put(owned, gateway(Map.of(owned.gateway(), owned.server().hosts()))));
    ConnectionRouting opaque =
        servers.opaque() ? gateway(servers.hosts(Optional.empty())) : ConnectionRouting.NONE;
    return new PortConnections(
        servers, opaque, rules, PortConnections.named(config, servers.servers(), upstreams));
  }

  private ConnectionRouting gateway(Map<String, List<Host>> hosts) {
    return routing(
        ConnectionTableCompiler.gateway(config, hosts, workload.namespace(), workload.labels()));
  }

  private ConnectionRouting routing(ConnectionTable table) {
    return new ConnectionRouting(table, this::leading);
  }

  private Map<ClusterName, Upstream> leading(ConnectionRule rule) {
    List<ClusterName> wanted = rule.clusters();
    List<ClusterName> here = leads.of(rule.name(), wanted);
    Map<ClusterName, Upstream> all = new HashMap<>();
    for (int i = 0; i < wanted.size(); i++) {
      all.put(wanted.get(i), upstreams.apply(here.get(i)));
    }
    return all;
  }
}
