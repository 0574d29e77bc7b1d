package dev.weft.routing.snapshot;

import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.discovery.Destinations;
import dev.weft.routing.discovery.Destinations.Known;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.route.tcp.ConnectionRule;
import dev.weft.routing.snapshot.explain.Explaining;
import dev.weft.routing.snapshot.guard.Guard;
import dev.weft.routing.snapshot.tcp.ConnectionRouting;
import dev.weft.routing.snapshot.tcp.ConnectionRouting.Target;
import dev.weft.routing.snapshot.tcp.MeshRules;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * What becomes of connections that the kernel redirected, by where they were going. Any thread may
 * enter.
 */
public final class Redirection {

  /** The cluster of all addresses of which nothing is known, as Istio calls it. */
  public static final ClusterName PASSTHROUGH = ClusterName.outbound("PassthroughCluster", 0, "");

  private final Unknown unknown;
  private final Service delivery;
  private final IntFunction<ClusterName> own;
  private final Map<ClusterName, Upstream> upstreams;
  private final Guard guard;
  private final MeshRules rules;
  private final ConnectionRouting connections;
  private volatile Destinations destinations; // addresses of names change without a snapshot

  /**
   * Where connections lead.
   *
   * @param upstreams of all clusters that an address leads to
   * @param rules for those that are not HTTP
   * @param connections to where these lead
   */
  record Leading(
      Map<ClusterName, Upstream> upstreams, MeshRules rules, ConnectionRouting connections) {}

  /**
   * @param unknown what becomes of those to where nothing is known
   * @param delivery of requests to the own application, of those who may come in
   * @param own application by the port that was meant
   * @param leading where connections lead
   * @param guard who may come in
   */
  Redirection(
      Unknown unknown,
      Service delivery,
      IntFunction<ClusterName> own,
      Leading leading,
      Destinations destinations,
      Guard guard) {
    this.rules = leading.rules;
    this.connections = leading.connections;
    this.unknown = unknown;
    this.delivery = delivery;
    this.own = own;
    this.upstreams = Map.copyOf(leading.upstreams);
    this.destinations = destinations;
    this.guard = guard;
  }

  /** The rules for connections that are not HTTP. */
  public List<ConnectionRule> rules() {
    return rules.table().rules();
  }

  /** Names have other addresses now. */
  void refresh(Destinations now) {
    destinations = now;
  }

  /** Carries requests that arrive to the own application. */
  public Service delivery() {
    return delivery;
  }

  /** Who denies a connection to the own application, if anybody does. */
  public Optional<String> denies(Caller caller) {
    return guard.denies(caller, caller.localPort());
  }

  /** As which the own application counts at a port. */
  public ClusterName own(int port) {
    return own.apply(port);
  }

  /** Whether connections may go to where nothing is known. */
  public boolean passes() {
    return unknown == Unknown.ALLOW_ANY;
  }

  /** What is at an address; empty where nothing is known. */
  public Optional<Known> at(InetSocketAddress meant) {
    return destinations.at(meant).filter(known -> upstreams.containsKey(known.cluster()));
  }

  /** Whose address it is, for what arrives there; empty where nothing is known. */
  public Optional<Known> owner(InetSocketAddress meant) {
    return destinations.owner(meant);
  }

  /** Whether the name in a handshake may say where a connection goes. */
  public boolean byName() {
    return rules.byName(destinations);
  }

  /**
   * Where a connection goes that is not HTTP; empty where nothing is known of it.
   *
   * @param seed of the connection
   */
  public Optional<Target> target(ConnectionHead head, long seed) {
    return rules.decide(head, destinations, seed, DecisionSink.NONE).flatMap(connections::target);
  }

  /** All that an address may lead to. */
  Set<ClusterName> clusters() {
    return upstreams.keySet();
  }

  /** The upstream of a service that {@link #at} gave. */
  public Upstream upstream(ClusterName cluster) {
    return Objects.requireNonNull(upstreams.get(cluster));
  }

  /**
   * Serves requests whose Host no rule is for: a service's address means its rules, the address of
   * an instance that instance.
   *
   * @param chains of the table
   * @param instances by the cluster
   * @param passage to where nothing is known
   * @param refusal of all others
   */
  Service unmatched(
      RouteTable table,
      List<Service> chains,
      Map<ClusterName, Service> instances,
      Service passage,
      Service refusal) {
    return new Unmatched(table, chains, instances, passage, refusal);
  }

  private final class Unmatched implements Service {

    private final RouteTable table;
    private final List<Service> chains;
    private final Map<ClusterName, Service> instances;
    private final Service passage;
    private final Service refusal;

    Unmatched(
        RouteTable table,
        List<Service> chains,
        Map<ClusterName, Service> instances,
        Service passage,
        Service refusal) {
      this.table = table;
      this.chains = List.copyOf(chains);
      this.instances = Map.copyOf(instances);
      this.passage = passage;
      this.refusal = refusal;
    }

    @Override
    public Future<Response> serve(Exchange exchange) {
      Optional<InetSocketAddress> meant = exchange.caller().destination();
      if (meant.isEmpty()) {
        return refusal.serve(exchange);
      }
      Optional<Known> known = at(meant.get());
      if (known.isEmpty()) {
        return (passes() ? passage : refusal).serve(exchange);
      }
      ClusterName cluster = known.get().cluster();
      return known.get().instance() ? instance(exchange, cluster) : service(exchange, cluster);
    }

    private Future<Response> service(Exchange exchange, ClusterName cluster) {
      RequestHead head = exchange.request().head();
      Decision decision =
          table.decide(cluster.host(), head, exchange.caller(), exchange.seed(), DecisionSink.NONE);
      exchange.decided(decision);
      Explaining.how(table, cluster.host(), exchange);
      int index = decision.route().index();
      return (index < 0 ? refusal : chains.get(index)).serve(exchange);
    }

    private Future<Response> instance(Exchange exchange, ClusterName cluster) {
      RequestHead head = exchange.request().head();
      exchange.decided(
          new Decision(
              new RouteId("instance of " + cluster.host() + ":" + cluster.port(), 0),
              new Forward(cluster, 0),
              head.target(),
              head.authority(),
              Optional.empty(),
              List.of()));
      return Objects.requireNonNull(instances.get(cluster)).serve(exchange);
    }
  }
}
