package dev.weft.routing.route;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.HeaderEdits;
import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpAction.Destination;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.StringMatch;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.Settings;
import dev.weft.config.model.settings.StickyKey;
import dev.weft.config.problem.Place;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.route.match.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Compiles the rules of a {@link MeshConfig} that hold at one place. Single use: one instance, one
 * table; what is the same as in the table before it is taken from a {@link Memory}.
 */
public final class RouteTableCompiler {

  private static final String CLUSTER_DOMAIN = ".svc.cluster.local";

  private final MeshConfig config;
  private Scope scope;
  private final ServicePorts ports;
  private final boolean samePorts; // as in the table before
  private final Memory memory;
  private final List<RouteSettings> settings;
  private final List<CompiledRoute> routes = new ArrayList<>();
  private final Map<String, List<Part>> byHost = new LinkedHashMap<>();

  private RouteTableCompiler(MeshConfig config, Scope scope, Memory memory) {
    this.config = config;
    this.scope = scope;
    this.memory = memory;
    this.settings = Settings.of(config.proxySettings(), scope.namespace(), scope.labels()).routes();
    memory.madeBy(settings);
    this.samePorts = memory.knows(config);
    this.ports = memory.ports(config);
  }

  /**
   * What was compiled for one place last, so that a change costs what it changes and not what there
   * is. For one thread at a time.
   */
  public static final class Memory {
    private Map<Source, Part> parts = new HashMap<>();
    private Map<List<Part>, VirtualHost> hosts = new HashMap<>();
    private Optional<MeshConfig> known = Optional.empty(); // whose ports these are
    private Optional<ServicePorts> ports = Optional.empty();
    private List<RouteSettings> settings = List.of(); // that rules were made by
    private Map<Source, Part> nextParts = new HashMap<>();
    private Map<List<Part>, VirtualHost> nextHosts = new HashMap<>();

    /** What was made by other settings holds no longer. */
    private void madeBy(List<RouteSettings> wanted) {
      if (!settings.equals(wanted)) {
        settings = wanted;
        parts = new HashMap<>();
        hosts = new HashMap<>();
      }
    }

    private boolean knows(MeshConfig config) {
      return known
          .filter(one -> one.services().equals(config.services()))
          .filter(one -> one.serviceEntries().equals(config.serviceEntries()))
          .isPresent();
    }

    private ServicePorts ports(MeshConfig config) {
      ServicePorts all =
          ports.filter(any -> knows(config)).orElseGet(() -> new ServicePorts(config));
      known = Optional.of(config);
      ports = Optional.of(all);
      return all;
    }

    private Optional<Part> before(Source source) {
      return Optional.ofNullable(parts.get(source));
    }

    private Part keep(Source source, Part part) {
      nextParts.put(source, part);
      return part;
    }

    private VirtualHost host(List<Part> of) {
      VirtualHost known = nextHosts.get(of);
      if (known == null) {
        VirtualHost before = hosts.get(of);
        known = before == null ? made(of) : before;
        nextHosts.put(of, known);
      }
      return known;
    }

    private static VirtualHost made(List<Part> of) {
      return new VirtualHost(of.stream().flatMap(part -> part.entries.stream()).toList());
    }

    private void forgetOthers() {
      parts = nextParts;
      hosts = nextHosts;
      nextParts = new HashMap<>();
      nextHosts = new HashMap<>();
    }
  }

  /** What a part is made of: a resource, by identity, or a service without rules; and where. */
  private record Source(Scope scope, Object of) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Source same
          && (of == same.of || (of instanceof String && of.equals(same.of)))
          && scope.equals(same.scope);
    }

    @Override
    public int hashCode() {
      return of instanceof String ? of.hashCode() : System.identityHashCode(of);
    }
  }

  /** The rules of one source; compared by identity. */
  private static final class Part {
    private final List<String> hosts; // that it speaks of, whoever has them
    private final int first; // index of its first rule
    private final List<CompiledRoute> routes;
    private final List<Entry> entries;

    Part(List<String> hosts, int first, List<CompiledRoute> routes, List<Entry> entries) {
      this.hosts = List.copyOf(hosts);
      this.first = first;
      this.routes = List.copyOf(routes);
      this.entries = List.copyOf(entries);
    }
  }

  /** The rules of the mesh as a workload sees them, and every service without rules by its name. */
  public static RouteTable mesh(MeshConfig config, String namespace, Map<String, String> labels) {
    return mesh(config, namespace, labels, new Memory());
  }

  /**
   * As {@link #mesh(MeshConfig, String, Map)}.
   *
   * @param memory of the place
   */
  public static RouteTable mesh(
      MeshConfig config, String namespace, Map<String, String> labels, Memory memory) {
    Scope scope = new Scope(VirtualService.MESH, namespace, labels, List.of());
    RouteTableCompiler compiler = new RouteTableCompiler(config, scope, memory);
    compiler.virtualServices();
    compiler.services();
    return compiler.table();
  }

  /**
   * The rules at one port of a gateway.
   *
   * @param hosts of the port's servers, by the {@code namespace/name} of their Gateway
   * @param namespace of the gateway's workload
   * @param memory of the place
   */
  public static RouteTable gateways(
      MeshConfig config,
      Map<String, List<Gateway.Host>> hosts,
      String namespace,
      Map<String, String> labels,
      Memory memory) {
    RouteTableCompiler compiler =
        new RouteTableCompiler(config, new Scope("", namespace, labels, List.of()), memory);
    hosts.forEach(
        (gateway, servers) -> {
          compiler.scope = new Scope(gateway, namespace, labels, servers);
          compiler.virtualServices();
        });
    return compiler.table();
  }

  private RouteTable table() {
    Map<String, VirtualHost> exact = new LinkedHashMap<>();
    Map<String, VirtualHost> suffixes = new LinkedHashMap<>();
    byHost.forEach(
        (host, parts) -> {
          VirtualHost virtual = memory.host(parts);
          if (host.equals("*")) {
            suffixes.put("", virtual);
          } else if (host.startsWith("*.")) {
            suffixes.put(host.substring(2), virtual);
          } else {
            exact.put(host, virtual);
          }
        });
    memory.forgetOthers();
    return new RouteTable(routes, exact, suffixes);
  }

  private void virtualServices() {
    for (VirtualService service : config.virtualServices()) {
      if (!service.http().isEmpty() && scope.sees(service)) {
        add(service);
      }
    }
  }

  private void add(VirtualService service) {
    Source source = new Source(scope, service);
    List<String> all =
        memory.before(source).map(part -> part.hosts).orElseGet(() -> hosts(service));
    List<String> open = all.stream().filter(this::isOpen).toList();
    if (!open.isEmpty()) {
      Part part = part(source, all, () -> entries(service));
      open.forEach(host -> byHost.computeIfAbsent(host, any -> new ArrayList<>(1)).add(part));
    }
  }

  private List<String> hosts(VirtualService service) {
    return service.hosts().stream()
        .flatMap(host -> scope.hosts(service, host))
        .flatMap(host -> names(host).stream())
        .distinct()
        .toList();
  }

  /** Servers of a gateway gather the rules for a host; in the mesh the oldest service has it. */
  private boolean isOpen(String host) {
    return !scope.gateway().equals(VirtualService.MESH) || !byHost.containsKey(host);
  }

  /** A host and the shorter names that callers of this namespace use for it. */
  private List<String> names(String host) {
    if (!scope.gateway().equals(VirtualService.MESH) || !host.endsWith(CLUSTER_DOMAIN)) {
      return List.of(host);
    }
    String qualified = host.substring(0, host.length() - CLUSTER_DOMAIN.length());
    int dot = qualified.lastIndexOf('.');
    List<String> all = new ArrayList<>(List.of(host, qualified + ".svc", qualified));
    if (dot > 0 && qualified.substring(dot + 1).equals(scope.namespace())) {
      all.add(qualified.substring(0, dot));
    }
    return all;
  }

  private Part part(Source source, List<String> hosts, Supplier<List<Entry>> entries) {
    Optional<Part> before = memory.before(source).filter(this::stillHolds);
    if (before.isPresent()) {
      routes.addAll(before.get().routes);
      return memory.keep(source, before.get());
    }
    int first = routes.size();
    List<Entry> made = entries.get();
    return memory.keep(source, new Part(hosts, first, routes.subList(first, routes.size()), made));
  }

  /** Whether its rules have the same indexes now, and lead to the same clusters. */
  private boolean stillHolds(Part part) {
    return part.first == routes.size()
        && (samePorts
            || part.routes.stream()
                .allMatch(
                    route ->
                        clusters(route.rule()).equals(route.clusters())
                            && mirrors(route.rule()).equals(route.mirrors())));
  }

  /** Up to the first that takes all: the first match wins, and there is no other after it. */
  private List<Entry> entries(VirtualService service) {
    List<Entry> entries = new ArrayList<>();
    boolean allTaken = false;
    for (int i = 0; i < service.http().size() && !allTaken; i++) {
      HttpRoute rule = service.http().get(i);
      List<HttpMatch> matches =
          rule.matches().stream().filter(match -> scope.holds(service, match)).toList();
      boolean unconditional = rule.matches().isEmpty() && scope.lists(service.gateways());
      if (!matches.isEmpty() || unconditional) {
        CompiledRoute route = compiled(service.ruleName(i), service.meta(), rule);
        matches.forEach(match -> entries.add(entry(route, match)));
        if (unconditional) {
          entries.add(new Entry(0, List.of(), route, -1, rule.place()));
        }
        allTaken = entries.stream().anyMatch(Entry::catchAll);
      }
    }
    return entries;
  }

  private CompiledRoute compiled(String name, Meta service, HttpRoute rule) {
    RouteId id = new RouteId(name, routes.size());
    List<ClusterName> clusters = clusters(rule);
    CompiledRoute route =
        new CompiledRoute(id, service, rule, clusters, mirrors(rule), sticky(name, clusters));
    routes.add(route);
    return route;
  }

  private Optional<StickyKey> sticky(String rule, List<ClusterName> clusters) {
    List<String> hosts = clusters.stream().map(ClusterName::host).toList();
    return settings.stream()
        .filter(entry -> entry.sticky().isPresent() && entry.match().holds(rule, hosts))
        .findFirst()
        .flatMap(RouteSettings::sticky);
  }

  private List<ClusterName> clusters(HttpRoute rule) {
    return rule.action() instanceof HttpAction.Route route
        ? route.destinations().stream().map(to -> cluster(to.destination())).toList()
        : List.of();
  }

  private List<ClusterName> mirrors(HttpRoute rule) {
    return rule.mirrors().stream().map(mirror -> cluster(mirror.destination())).toList();
  }

  private ClusterName cluster(Destination to) {
    int port = to.port().orElseGet(() -> ports.defaultPort(to.host()));
    return ClusterName.outbound(to.host(), port, to.subset());
  }

  private Entry entry(CompiledRoute route, HttpMatch match) {
    int prefix =
        match.uri().orElse(null) instanceof StringMatch.Prefix uri ? uri.value().length() : -1;
    return new Entry(0, Conditions.of(match, scope.mesh()), route, prefix, match.place());
  }

  /** Services that no VirtualService speaks of are reached by their names, at each port. */
  private void services() {
    Set<String> known = Set.copyOf(byHost.keySet());
    for (String host : ports.hosts()) {
      if (known.contains(host)) {
        continue;
      }
      List<Integer> numbers = ports.ports(host);
      int standard = ports.defaultPort(host);
      Source source = new Source(scope, "service " + host + " " + numbers + " " + standard);
      List<String> names = memory.before(source).map(of -> of.hosts).orElseGet(() -> names(host));
      Part part = part(source, names, () -> implicit(host, numbers, standard));
      for (String name : names) {
        if (!known.contains(name)) {
          byHost.put(name, List.of(part));
        }
      }
    }
  }

  private List<Entry> implicit(String host, List<Integer> numbers, int standard) {
    List<Entry> entries = new ArrayList<>();
    for (int port : numbers) {
      CompiledRoute route = implicit(host, port);
      List<Condition> asked = port == standard ? List.of() : List.of(Conditions.port(port, true));
      entries.add(new Entry(0, asked, route, -1, route.rule().place()));
    }
    return entries;
  }

  private CompiledRoute implicit(String host, int port) {
    Place place = Place.of("service " + host);
    Meta meta = new Meta("Service", "-", host, Map.of(), Instant.EPOCH, place);
    Destination to = new Destination(host, "", OptionalInt.of(port), place);
    HttpAction action =
        new HttpAction.Route(List.of(new WeightedDestination(to, 1, HeaderEdits.NONE, place)));
    HttpRoute rule =
        new HttpRoute(
            "",
            List.of(),
            action,
            Optional.empty(),
            HeaderEdits.NONE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            place);
    return compiled("service " + host + ":" + port, meta, rule);
  }
}
