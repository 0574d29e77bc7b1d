package dev.weft.routing.snapshot.tcp;

import dev.weft.config.model.MeshConfig;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.route.tcp.ConnectionRule;
import dev.weft.routing.snapshot.PortServers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /**
   * Of one place.
   *
   * @param rules that may hold there
   * @param others to which no rule leads, but an address or a name
   */
  public ConnectionRouting routing(List<ConnectionRule> rules, Map<ClusterName, Upstream> others) {
    return new ConnectionRouting(rules, this::leading, others);
  }

  /** Of one port of a gateway. */
  public PortConnections at(PortServers servers) {
    PortRules rules = PortRules.of(config, workload, servers);
    Map<ClusterName, Upstream> named = new HashMap<>();
    rules.named().forEach(name -> named.computeIfAbsent(name, upstreams));
    return new PortConnections(rules, routing(rules.rules(), named));
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
