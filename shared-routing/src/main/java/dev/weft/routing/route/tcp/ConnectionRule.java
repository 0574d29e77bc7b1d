package dev.weft.routing.route.tcp;

import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.tcp.ConnectionRoute;
import dev.weft.config.problem.Place;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.Draw;
import dev.weft.routing.route.ServicePorts;
import dev.weft.routing.route.Shares;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One rule as it serves. A destination without a port means the only port of its service, or else
 * the port that the connection was going to. Immutable.
 *
 * <p>Source: Istio's {@code GetDestinationCluster} for {@code TCPRoute} and {@code TLSRoute}.
 */
public final class ConnectionRule {

  private final String name;
  private final int index;
  private final Place place;
  private final List<String> hosts;
  private final int matches;
  private final List<Integer> weights;
  private final Shares shares;
  private final List<ClusterName> clusters; // where nothing depends on the port
  private final Map<Integer, List<ClusterName>> byPort = new HashMap<>();

  /**
   * @param name for people: {@code prod/db#tcp[0]}
   * @param index in its table
   * @param hosts of its VirtualService
   */
  ConnectionRule(
      String name, int index, List<String> hosts, ConnectionRoute route, ServicePorts ports) {
    this.name = name;
    this.index = index;
    this.place = route.place();
    this.hosts = List.copyOf(hosts);
    this.matches = route.matches().size();
    this.weights = route.destinations().stream().map(one -> one.weight()).toList();
    this.shares = new Shares(weights);
    this.clusters =
        route.destinations().stream()
            .map(to -> cluster(to, ports.defaultPort(to.destination().host())))
            .toList();
    Set<Integer> several = new LinkedHashSet<>();
    route.destinations().stream()
        .filter(to -> to.destination().port().isEmpty())
        .map(to -> ports.ports(to.destination().host()))
        .filter(all -> all.size() > 1)
        .forEach(several::addAll);
    for (int port : several) {
      byPort.put(port, route.destinations().stream().map(to -> at(to, port, ports)).toList());
    }
  }

  private static ClusterName at(WeightedDestination to, int port, ServicePorts ports) {
    List<Integer> all = ports.ports(to.destination().host());
    return cluster(to, all.contains(port) ? port : ports.defaultPort(to.destination().host()));
  }

  private static ClusterName cluster(WeightedDestination to, int absent) {
    return ClusterName.outbound(
        to.destination().host(), to.destination().port().orElse(absent), to.destination().subset());
  }

  public String name() {
    return name;
  }

  /** Its index in its table. */
  public int index() {
    return index;
  }

  public Place place() {
    return place;
  }

  /** Of its VirtualService. */
  public List<String> hosts() {
    return hosts;
  }

  /** How many matches it has, of which any is enough; 0 where it is for all. */
  public int matches() {
    return matches;
  }

  /** All that it may lead to. */
  public List<ClusterName> clusters() {
    Set<ClusterName> all = new LinkedHashSet<>(clusters);
    byPort.values().forEach(all::addAll);
    return List.copyOf(all);
  }

  /**
   * Where it leads, in the order of its destinations.
   *
   * @param port that a connection was going to
   */
  public List<ClusterName> clusters(int port) {
    return byPort.getOrDefault(port, clusters);
  }

  /** Parts of the connections, in the order of its destinations. */
  public List<Integer> weights() {
    return weights;
  }

  /**
   * Where a connection goes.
   *
   * @param port that it was going to
   * @param seed of the connection
   */
  ClusterName chosen(int port, long seed) {
    return clusters(port).get(shares.pick(Draw.mix(seed, Draw.Purpose.DESTINATION, index)));
  }
}
