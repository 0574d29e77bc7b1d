package dev.weft.routing.route.tcp;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.tcp.ConnectionMatch;
import dev.weft.config.model.tcp.ConnectionRoute;
import dev.weft.routing.route.Scope;
import dev.weft.routing.route.ServicePorts;
import dev.weft.routing.route.tcp.ConnectionTable.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compiles the rules for connections that hold at one place. In the mesh the oldest VirtualService
 * has a host; those of a gateway gather. Single use.
 */
public final class ConnectionTableCompiler {

  private static final String ANY = "*";

  private final ServicePorts ports;
  private final List<ConnectionRule> rules = new ArrayList<>();
  private final Map<String, List<Entry>> tls = new LinkedHashMap<>();
  private final Map<String, List<Entry>> tcp = new LinkedHashMap<>();

  private ConnectionTableCompiler(ServicePorts ports) {
    this.ports = ports;
  }

  private static boolean any(MeshConfig config) {
    return config.virtualServices().stream()
        .anyMatch(service -> !service.tls().isEmpty() || !service.tcp().isEmpty());
  }

  /** The rules of the mesh as a workload sees them. */
  public static ConnectionTable mesh(
      MeshConfig config, String namespace, Map<String, String> labels) {
    if (!any(config)) {
      return ConnectionTable.EMPTY;
    }
    ConnectionTableCompiler compiler = new ConnectionTableCompiler(new ServicePorts(config));
    compiler.add(config, new Scope(VirtualService.MESH, namespace, labels, List.of()));
    return compiler.table();
  }

  /**
   * The rules of some servers of a gateway.
   *
   * @param hosts of the servers, by the {@code namespace/name} of their Gateway
   * @param namespace of the gateway's workload
   */
  public static ConnectionTable gateway(
      MeshConfig config,
      Map<String, List<Gateway.Host>> hosts,
      String namespace,
      Map<String, String> labels) {
    if (!any(config)) {
      return ConnectionTable.EMPTY;
    }
    ConnectionTableCompiler compiler = new ConnectionTableCompiler(new ServicePorts(config));
    hosts.forEach(
        (gateway, servers) -> compiler.add(config, new Scope(gateway, namespace, labels, servers)));
    return compiler.table();
  }

  private ConnectionTable table() {
    return new ConnectionTable(rules, tls, tcp);
  }

  private void add(MeshConfig config, Scope scope) {
    for (VirtualService service : config.virtualServices()) {
      if (scope.sees(service)) {
        Set<String> hosts =
            service.hosts().stream()
                .flatMap(host -> scope.hosts(service, host))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (!hosts.isEmpty()) {
          tls(scope, service);
          tcp(scope, service, hosts);
        }
      }
    }
  }

  private void tls(Scope scope, VirtualService service) {
    HostIndex<String> hosts = index(service.hosts());
    for (int i = 0; i < service.tls().size(); i++) {
      ConnectionRoute route = service.tls().get(i);
      List<ConnectionMatch> here = here(scope, service, route);
      if (!here.isEmpty()) {
        ConnectionRule rule = rule(service, "tls", i, route);
        for (ConnectionMatch match : here) {
          Entry entry = entry(rule, hosts, match);
          match.sniHosts().forEach(name -> put(tls, name, entry));
        }
      }
    }
  }

  private void tcp(Scope scope, VirtualService service, Set<String> served) {
    HostIndex<String> hosts = index(service.hosts());
    Set<String> open =
        scope.mesh()
            ? served.stream().filter(host -> !tcp.containsKey(host)).collect(Collectors.toSet())
            : Set.of(ANY);
    for (int i = 0; i < service.tcp().size(); i++) {
      ConnectionRoute route = service.tcp().get(i);
      List<ConnectionMatch> here = here(scope, service, route);
      boolean all = route.matches().isEmpty() && scope.lists(service.gateways());
      if (!here.isEmpty() || all) {
        ConnectionRule rule = rule(service, "tcp", i, route);
        List<Entry> entries = new ArrayList<>();
        here.forEach(match -> entries.add(entry(rule, hosts, match)));
        if (all) {
          entries.add(new Entry(rule, hosts, OptionalInt.empty(), List.of()));
        }
        open.forEach(host -> entries.forEach(entry -> put(tcp, host, entry)));
      }
    }
  }

  private static HostIndex<String> index(List<String> hosts) {
    return new HostIndex<>(
        hosts.stream().collect(Collectors.toMap(host -> host, host -> host, (a, b) -> a)));
  }

  private static List<ConnectionMatch> here(
      Scope scope, VirtualService service, ConnectionRoute route) {
    return route.matches().stream()
        .filter(
            match ->
                scope.holds(
                    service, match.gateways(), match.sourceLabels(), match.sourceNamespace()))
        .toList();
  }

  private ConnectionRule rule(
      VirtualService service, String kind, int index, ConnectionRoute route) {
    String name = service.ruleName(kind, index);
    ConnectionRule rule = new ConnectionRule(name, rules.size(), service.hosts(), route, ports);
    rules.add(rule);
    return rule;
  }

  private static Entry entry(ConnectionRule rule, HostIndex<String> hosts, ConnectionMatch match) {
    List<Subnet> subnets =
        match.destinationSubnets().stream().map(Subnet::parse).flatMap(Optional::stream).toList();
    return new Entry(rule, hosts, match.port(), subnets);
  }

  private static void put(Map<String, List<Entry>> all, String host, Entry entry) {
    all.computeIfAbsent(host, any -> new ArrayList<>(1)).add(entry);
  }
}
