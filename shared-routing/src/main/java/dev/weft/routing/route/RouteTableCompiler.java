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
import dev.weft.config.problem.Place;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision.RouteId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Compiles the rules of a {@link MeshConfig} that hold at one place. Single use: one instance, one
 * table.
 */
public final class RouteTableCompiler {

  private static final String CLUSTER_DOMAIN = ".svc.cluster.local";

  private final MeshConfig config;
  private final Scope scope;
  private final ServicePorts ports;
  private final List<CompiledRoute> routes = new ArrayList<>();
  private final Map<String, List<Entry>> byHost = new LinkedHashMap<>();

  private RouteTableCompiler(MeshConfig config, Scope scope) {
    this.config = config;
    this.scope = scope;
    this.ports = new ServicePorts(config);
  }

  /** The rules of the mesh as a workload sees them, and every service without rules by its name. */
  public static RouteTable mesh(MeshConfig config, String namespace, Map<String, String> labels) {
    Scope scope = new Scope(VirtualService.MESH, namespace, labels, List.of());
    RouteTableCompiler compiler = new RouteTableCompiler(config, scope);
    compiler.virtualServices();
    compiler.services();
    return compiler.table();
  }

  /**
   * The rules at some servers of one gateway port.
   *
   * @param gateway {@code namespace/name}
   * @param hosts of the servers
   */
  public static RouteTable gateway(
      MeshConfig config, String gateway, Map<String, String> labels, List<Gateway.Host> hosts) {
    Scope scope = new Scope(gateway, "", labels, hosts);
    RouteTableCompiler compiler = new RouteTableCompiler(config, scope);
    compiler.virtualServices();
    return compiler.table();
  }

  private RouteTable table() {
    Map<String, VirtualHost> exact = new LinkedHashMap<>();
    Map<String, VirtualHost> suffixes = new LinkedHashMap<>();
    byHost.forEach(
        (host, entries) -> {
          VirtualHost virtual = new VirtualHost(entries);
          if (host.equals("*")) {
            suffixes.put("", virtual);
          } else if (host.startsWith("*.")) {
            suffixes.put(host.substring(2), virtual);
          } else {
            exact.put(host, virtual);
          }
        });
    return new RouteTable(routes, exact, suffixes);
  }

  private void virtualServices() {
    for (VirtualService service : config.virtualServices()) {
      List<String> hosts = service.hosts().stream().flatMap(h -> scope.hosts(service, h)).toList();
      if (!hosts.isEmpty() && scope.sees(service)) {
        List<Entry> entries = entries(service);
        for (String host : hosts) {
          for (String name : names(host)) {
            byHost.computeIfAbsent(name, any -> new ArrayList<>()).addAll(entries);
          }
        }
      }
    }
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

  private List<Entry> entries(VirtualService service) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < service.http().size(); i++) {
      HttpRoute rule = service.http().get(i);
      List<HttpMatch> matches =
          rule.matches().stream().filter(match -> scope.holds(service, match)).toList();
      boolean unconditional = rule.matches().isEmpty() && scope.lists(service.gateways());
      if (!matches.isEmpty() || unconditional) {
        String label = rule.name().isEmpty() ? Integer.toString(i) : rule.name();
        String name = service.meta().qualifiedName() + "#" + label;
        CompiledRoute route = compiled(name, service.meta(), rule);
        matches.forEach(match -> entries.add(entry(route, match)));
        if (unconditional) {
          entries.add(new Entry(0, List.of(), route, -1, rule.place()));
        }
      }
    }
    return entries;
  }

  private CompiledRoute compiled(String name, Meta service, HttpRoute rule) {
    List<ClusterName> clusters = new ArrayList<>();
    if (rule.action() instanceof HttpAction.Route route) {
      route.destinations().forEach(to -> clusters.add(cluster(to.destination())));
    }
    List<ClusterName> mirrors =
        rule.mirrors().stream().map(mirror -> cluster(mirror.destination())).toList();
    RouteId id = new RouteId(name, routes.size());
    CompiledRoute route = new CompiledRoute(id, service, rule, clusters, mirrors);
    routes.add(route);
    return route;
  }

  private ClusterName cluster(Destination to) {
    int port = to.port().orElseGet(() -> ports.defaultPort(to.host()));
    return ClusterName.outbound(to.host(), port, to.subset());
  }

  private static Entry entry(CompiledRoute route, HttpMatch match) {
    int prefix =
        match.uri().orElse(null) instanceof StringMatch.Prefix uri ? uri.value().length() : -1;
    return new Entry(0, Conditions.of(match), route, prefix, match.place());
  }

  /** Services that no VirtualService speaks of are reached by their names, at each port. */
  private void services() {
    Set<String> known = Set.copyOf(byHost.keySet());
    for (String host : ports.hosts()) {
      if (known.contains(host)) {
        continue;
      }
      List<Entry> entries = new ArrayList<>();
      int standard = ports.defaultPort(host);
      for (int port : ports.ports(host)) {
        CompiledRoute route = implicit(host, port);
        if (port == standard) {
          entries.add(new Entry(0, List.of(), route, -1, route.rule().place()));
        } else {
          entries.add(new Entry(0, Conditions.port(port), route, -1, route.rule().place()));
        }
      }
      for (String name : names(host)) {
        if (!known.contains(name)) {
          byHost.put(name, entries);
        }
      }
    }
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
