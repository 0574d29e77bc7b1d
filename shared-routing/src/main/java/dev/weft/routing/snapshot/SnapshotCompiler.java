package dev.weft.routing.snapshot;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.config.model.settings.Redis;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.Settings;
import dev.weft.routing.authentication.KeySources;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls.Plaintext;
import dev.weft.routing.discovery.Destinations;
import dev.weft.routing.discovery.EndpointCatalog;
import dev.weft.routing.discovery.OutboundModes;
import dev.weft.routing.discovery.Said;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ClusterName.Direction;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.resilience.rate.RateLimiters;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.route.RouteTableCompiler;
import dev.weft.routing.route.RouteTableCompiler.Memory;
import dev.weft.routing.snapshot.explain.Explaining;
import dev.weft.routing.snapshot.guard.Guard;
import dev.weft.routing.snapshot.guard.Guards;
import dev.weft.routing.snapshot.own.OwnApplication;
import dev.weft.routing.snapshot.tcp.ConnectionRouting;
import dev.weft.routing.snapshot.tcp.ConnectionRoutings;
import dev.weft.routing.snapshot.tcp.MeshRules;
import dev.weft.routing.snapshot.trace.Tracings;
import dev.weft.routing.snapshot.trace.Tracings.Traced;
import dev.weft.routing.stage.AdmitStage;
import dev.weft.routing.stage.edge.EdgeMemory;
import dev.weft.routing.stage.edge.EdgePolicies;
import dev.weft.routing.telemetry.ExchangeObserver;
import dev.weft.routing.transport.UpstreamClient;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.IntFunction;

/**
 * Makes a snapshot of a checked configuration, and brings the upstreams in line with it. One thread
 * at a time; a large configuration takes a second, so that it runs on a worker.
 */
public final class SnapshotCompiler {

  private static final At MESH = new At(0, "mesh"); // no port

  private final Workload workload;
  private final Plan plan;
  private final UpstreamRegistry registry;
  private final BiFunction<String, Settings, ExchangeObserver> observers;
  private final List<UpstreamClient> clients;
  private final Passages passages;
  private final Passages deliveries; // to the own application
  private final LastTargets targets;
  private final RateLimiters limiters;
  private final Tracings tracings;
  private final OwnApplication applications;
  private final Guards guards;
  private final EdgeMemory edge = new EdgeMemory();
  private Asked asked = new Asked(List.of(), Redis.NONE);
  private final AtomicInteger underWay = new AtomicInteger(); // outlives the snapshots
  private boolean same; // catalogue as that which the upstreams were last brought in line with
  private Optional<EndpointCatalog> last = Optional.empty();
  private Optional<Redirection> redirected = Optional.empty(); // of the last snapshot
  private final Map<At, Known> memories = new HashMap<>();
  private final Set<At> remembered = new HashSet<>(); // of this compilation

  /**
   * What all snapshots of a process share.
   *
   * @param keys of those whose tokens count
   */
  public record Shared(RateLimiters limiters, KeySources keys, Tracings tracings) {}

  /** What of the settings the chains were made by. */
  private record Asked(List<RouteSettings> routes, Redis redis) {}

  /** A place that has a table: a group of a port's servers, or the mesh. */
  private record At(int port, String group) {}

  /** What was compiled for a place last. */
  private record Known(Memory table, ChainMemory chains) {
    private Known() {
      this(new Memory(), new ChainMemory());
    }
  }

  /**
   * @param observers by the version and what of its requests is told
   * @param clients by the index of the event loop
   */
  public SnapshotCompiler(
      Workload workload,
      Plan plan,
      UpstreamRegistry registry,
      BiFunction<String, Settings, ExchangeObserver> observers,
      List<UpstreamClient> clients) {
    this(
        workload,
        plan,
        registry,
        observers,
        clients,
        new Shared(
            new RateLimiters(registry.ticker()), KeySources.NONE, new Tracings(registry.ticker())));
  }

  /**
   * @param shared of the process
   */
  public SnapshotCompiler(
      Workload workload,
      Plan plan,
      UpstreamRegistry registry,
      BiFunction<String, Settings, ExchangeObserver> observers,
      List<UpstreamClient> clients,
      Shared shared) {
    this.workload = workload;
    this.plan = plan;
    this.registry = registry;
    this.observers = observers;
    this.clients = List.copyOf(clients);
    Plaintext anyhow = new Plaintext();
    this.passages = new Passages(clients, registry.ticker(), (to, caller) -> anyhow);
    this.deliveries =
        new Passages(
            clients,
            registry.ticker(),
            (to, caller) -> plan.intercepts().map(how -> how.delivery(to, caller)).orElse(anyhow));
    this.targets = new LastTargets(registry.ticker());
    this.limiters = shared.limiters;
    this.tracings = shared.tracings;
    this.applications = new OwnApplication(workload);
    Guards.Place place = new Guards.Place(workload, plan.gateway(), clients.size());
    this.guards = new Guards(place, shared.keys, registry.ticker());
  }

  /**
   * @param addresses of names that were looked up, by name
   */
  public Snapshot compile(long version, MeshConfig config, Map<String, List<String>> addresses) {
    same = last.filter(one -> one.isOf(config, addresses)).isPresent();
    EndpointCatalog catalog = same ? last.get() : new EndpointCatalog(config, workload, addresses);
    Said said = catalog.said();
    Settings settings = said.settings();
    Map<ClusterName, Upstream> used = new HashMap<>();
    targets.begin();
    Asked wanted = new Asked(settings.routes(), settings.redis());
    if (!wanted.equals(asked)) {
      memories.values().forEach(known -> known.chains.forget());
      asked = wanted;
    }
    Optional<AdmitStage> admit = AdmitStage.of(settings.overload(), underWay, clients.size());
    Traced traced = traced(version, config, catalog, used);
    ExchangeObserver observer = traced.beside(observers.apply(Long.toString(version), settings));
    StageOrder order =
        new StageOrder(
            observer,
            clients,
            new StageOrder.Asked(
                settings,
                plan.gateway() ? new EdgePolicies(settings, edge) : EdgePolicies.NONE,
                traced.stage()),
            limiters,
            admit,
            name -> upstream(name, catalog, used));
    Guard guard = guards.of(config, settings, new Guards.Ways(admit, order.denial(), order::aside));
    Optional<Redirection> redirection =
        plan.intercepts().map(how -> redirection(config, how.unknown(), order, catalog, guard));
    Routing mesh = mesh(config, order, used, redirection);
    if (plan.gateway()) {
      mesh = mesh.guarded(guard); // what comes there comes in; from a sidecar's own it goes out
    }
    Map<Integer, Service> inbound = new HashMap<>();
    plan.inbound()
        .forEach(
            (port, application) -> {
              Set<Integer> reached = new HashSet<>(List.of(port, application.port()));
              ClusterName own = applications.name(config, reached, application.port());
              Fixed fixed = fixed(own, application, order, used);
              inbound.put(port, guard.before(any -> application.port(), fixed));
            });
    List<Plan.Port> ports =
        plan.gateway() ? PortServers.ports(config, workload.labels()) : List.of();
    Map<Integer, PortRouting> gateway = new HashMap<>();
    ports.forEach(port -> gateway.put(port.number(), atPort(config, port, order, used, guard)));
    memories.keySet().retainAll(remembered);
    remembered.clear();
    registry.retain(used.keySet());
    limiters.retain(settings.routes(), settings.redis());
    edge.retain();
    last = Optional.of(catalog);
    redirected = redirection;
    Explaining explaining = Explaining.of(settings.explain(), workload, plan.gateway(), version);
    boolean held = targets.held();
    return new Snapshot(
        version, config, mesh, inbound, redirection, gateway, ports, said, explaining, held);
  }

  private Traced traced(
      long version, MeshConfig config, EndpointCatalog catalog, Map<ClusterName, Upstream> used) {
    Tracings.Serving serving = new Tracings.Serving(workload, version, clients);
    return tracings.of(config, catalog.settings(), serving, to -> upstream(to, catalog, used));
  }

  private Routing mesh(
      MeshConfig config,
      StageOrder order,
      Map<ClusterName, Upstream> used,
      Optional<Redirection> redirection) {
    if (!plan.mesh()) {
      return Routing.nothing(order.refusal());
    }
    Known known = known(MESH);
    RouteTable table =
        RouteTableCompiler.mesh(config, workload.namespace(), workload.labels(), known.table);
    List<Service> all = known.chains.chains(table.routes(), making(order, used));
    Service refusal = order.refusal();
    return new Routing(
        table,
        all,
        redirection.map(one -> unmatched(one, table, all, order, refusal)).orElse(refusal));
  }

  private ChainMemory.Making making(StageOrder order, Map<ClusterName, Upstream> used) {
    return new ChainMemory.Making(order, targets, same, used);
  }

  private Known known(At place) {
    remembered.add(place);
    return memories.computeIfAbsent(place, any -> new Known());
  }

  /** Brings the endpoints of all upstreams in line with new answers of name look-ups. */
  public void refresh(MeshConfig config, Map<String, List<String>> addresses) {
    EndpointCatalog catalog = new EndpointCatalog(config, workload, addresses);
    for (Upstream upstream : registry.all()) {
      if (upstream.name().direction() == Direction.OUTBOUND) {
        upstream.endpoints(catalog.endpoints(upstream.name()));
      }
    }
    redirected.ifPresent(one -> one.refresh(Destinations.of(config, catalog)));
    last = Optional.of(catalog);
  }

  /**
   * Takes a configuration that differs from the one that serves in nothing but EndpointSlices:
   * upstreams get their endpoints, nothing is compiled.
   *
   * @return what serves from then on; empty where more differs, or a rule waits for its target: to
   *     be compiled then, and nothing has changed
   */
  public Optional<Snapshot> endpoints(
      Snapshot serving, MeshConfig config, Map<String, List<String>> addresses) {
    if (serving.held() || !serving.config().equals(config.withSlices(serving.config()))) {
      return Optional.empty();
    }
    refresh(config, addresses);
    return Optional.of(serving.of(config));
  }

  private Upstream upstream(
      ClusterName name, EndpointCatalog catalog, Map<ClusterName, Upstream> used) {
    Upstream known = used.get(name);
    if (known != null) {
      return known;
    }
    Optional<Upstream> unchanged = same ? registry.find(name) : Optional.empty();
    Upstream upstream =
        unchanged.orElseGet(
            () -> {
              Upstream other = registry.with(catalog.settings(name));
              other.endpoints(catalog.endpoints(name));
              return other;
            });
    used.put(name, upstream);
    return upstream;
  }

  private Service unmatched(
      Redirection redirection,
      RouteTable table,
      List<Service> chains,
      StageOrder order,
      Service refusal) {
    UpstreamSettings unknown = Passages.outbound(order.policy());
    Map<ClusterName, Service> instances = new HashMap<>();
    redirection.clusters().forEach(cluster -> instances.put(cluster, order.exact(cluster)));
    Service passage = passages.service(order, "allow-any", port -> unknown);
    return redirection.unmatched(table, chains, instances, passage, refusal);
  }

  /** What is known of addresses; the upstreams that they lead to are kept. */
  private Redirection redirection(
      MeshConfig config, Unknown absent, StageOrder order, EndpointCatalog catalog, Guard guard) {
    Destinations known = Destinations.of(config, catalog);
    IntFunction<UpstreamSettings> meant = applications.byPort(config, order.policy());
    Map<ClusterName, Upstream> upstreams = new HashMap<>();
    known.clusters().forEach(cluster -> upstreams.put(cluster, order.upstream(cluster)));
    MeshRules rules = MeshRules.of(config, workload);
    ConnectionRouting leads = connections(config, order).routing(rules.table().rules(), upstreams);
    return new Redirection(
        OutboundModes.mode(config, workload).orElse(absent),
        guard.before(Caller::localPort, deliveries.service(order, "inbound", meant)),
        port -> meant.apply(port).name(),
        new Redirection.Leading(upstreams, rules, leads),
        known,
        guard);
  }

  private ConnectionRoutings connections(MeshConfig config, StageOrder order) {
    return new ConnectionRoutings(
        config,
        workload,
        (rule, wanted) -> targets.of(rule, wanted, order::works),
        order::upstream);
  }

  private Fixed fixed(
      ClusterName name,
      Plan.Application application,
      StageOrder order,
      Map<ClusterName, Upstream> used) {
    Upstream upstream =
        registry.with(new UpstreamSettings(name, order.policy(), HttpChoice.AS_CLIENT));
    Endpoint endpoint =
        new Endpoint(
            application.host(), application.port(), workload.labels(), "", 1, new Plaintext());
    upstream.endpoints(new EndpointSet(List.of(endpoint), ""));
    used.put(name, upstream);
    StageOrder inbound = order.towards(any -> upstream);
    return new Fixed(name, new RouteId("inbound:" + application.port(), 0), inbound.direct(name));
  }

  /** Servers of one group share a table; what is in another's table cannot be reached by them. */
  private PortRouting atPort(
      MeshConfig config,
      Plan.Port port,
      StageOrder order,
      Map<ClusterName, Upstream> used,
      Guard guard) {
    List<PortServers.Owned> servers = port.servers().servers();
    Routing nothing = Routing.nothing(order.refusal());
    Map<String, Routing> routings = new HashMap<>();
    servers.stream()
        .filter(owned -> owned.server().http())
        .map(PortServers.Owned::group)
        .distinct()
        .forEach(group -> routings.put(group, ofGroup(config, port, group, order, used)));
    List<Routing> each =
        servers.stream().map(owned -> routings.getOrDefault(owned.group(), nothing)).toList();
    return PortRouting.of(
        port.servers(),
        each,
        connections(config, order).at(port.servers()),
        order.refusal(),
        guard);
  }

  private Routing ofGroup(
      MeshConfig config,
      Plan.Port port,
      String group,
      StageOrder order,
      Map<ClusterName, Upstream> used) {
    Known known = known(new At(port.number(), group));
    RouteTable table =
        RouteTableCompiler.gateways(
            config,
            port.servers().hosts(Optional.of(group)),
            workload.namespace(),
            workload.labels(),
            known.table);
    List<Service> all = known.chains.chains(table.routes(), making(order, used));
    return new Routing(table, all, order.refusal());
  }
}
