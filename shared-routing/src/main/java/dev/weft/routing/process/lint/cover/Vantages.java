package dev.weft.routing.process.lint.cover;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.settings.PathHandling.Normalize;
import dev.weft.config.model.settings.Settings;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.explain.Meeting;
import dev.weft.routing.route.RouteTableCompiler;
import dev.weft.routing.route.Scope;
import dev.weft.routing.snapshot.PortServers.Owned;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The places from which all rules together can be told apart: each namespace and each set of labels
 * that rules name, and a namespace that none names; each group of servers of a gateway's port.
 */
public final class Vantages {

  private static final int MOST = 32;
  private static final String USUAL = "default";
  private static final String OTHER = "elsewhere";

  private final MeshConfig config;
  private final List<Vantage> all = new ArrayList<>();
  private final Tables tables = new Tables();
  private boolean more;

  private Vantages(MeshConfig config) {
    this.config = config;
  }

  /** Of a configuration. */
  public static Vantages of(MeshConfig config) {
    Vantages vantages = new Vantages(config);
    for (String namespace : vantages.namespaces()) {
      vantages.labels().forEach(labels -> vantages.mesh(namespace, labels));
      vantages.selectors().forEach(labels -> vantages.gateways(namespace, labels));
    }
    return vantages;
  }

  /** Those that are looked at, the mesh's before the gateways' of each namespace. */
  public List<Vantage> all() {
    return List.copyOf(all);
  }

  /** Whether there are more than are looked at, so that what holds at all of them is not known. */
  public boolean more() {
    return more;
  }

  private Set<String> namespaces() {
    Set<String> named = new TreeSet<>();
    for (VirtualService service : config.virtualServices()) {
      named.addAll(service.exportTo());
      rules(service)
          .flatMap(rule -> rule.matches().stream())
          .forEach(match -> named.add(match.sourceNamespace()));
    }
    named.remove("*");
    named.remove("");
    Set<String> namespaces = new LinkedHashSet<>();
    namespaces.add(named.contains(USUAL) ? OTHER : USUAL);
    namespaces.addAll(named);
    return namespaces;
  }

  private Set<Map<String, String>> labels() {
    Set<Map<String, String>> labels = new LinkedHashSet<>();
    labels.add(Map.of());
    config.virtualServices().stream()
        .flatMap(Vantages::rules)
        .flatMap(rule -> rule.matches().stream())
        .forEach(match -> labels.add(match.sourceLabels()));
    return labels;
  }

  /** Those that were lost with their delegate, too: what becomes of their requests is told. */
  private static Stream<HttpRoute> rules(VirtualService service) {
    return Stream.concat(service.http().stream(), service.lost().stream());
  }

  private Set<Map<String, String>> selectors() {
    return config.gateways().stream()
        .map(Gateway::selector)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private void mesh(String namespace, Map<String, String> labels) {
    if (full()) {
      return;
    }
    all.add(
        new Vantage(
            tables.of(() -> RouteTableCompiler.mesh(config, namespace, labels)),
            workload(namespace, labels),
            List.of(new Scope(VirtualService.MESH, namespace, labels, List.of())),
            normalize(namespace, labels),
            Optional.empty(),
            flags(namespace, labels)));
  }

  private boolean full() {
    more |= all.size() >= MOST;
    return more;
  }

  private void gateways(String namespace, Map<String, String> labels) {
    Predicate<Gateway> selected =
        one -> labels.isEmpty() || labels.entrySet().containsAll(one.selector().entrySet());
    List<Gateway> gateways = config.gateways().stream().filter(selected).toList();
    Set<Integer> ports = new TreeSet<>();
    gateways.forEach(one -> one.servers().forEach(server -> ports.add(server.port())));
    for (int port : ports) {
      List<Owned> servers = new ArrayList<>();
      for (Gateway gateway : gateways) {
        gateway.servers().stream()
            .filter(server -> server.port() == port)
            .forEach(server -> servers.add(new Owned(gateway.meta().qualifiedName(), server)));
      }
      port(namespace, labels, port, servers);
    }
  }

  /** What is carried as it is is seen by no rule for requests. */
  private void port(String namespace, Map<String, String> labels, int port, List<Owned> servers) {
    Meeting meeting = new Meeting(servers);
    Set<Object> known = new HashSet<>();
    for (Owned one : servers) {
      boolean tls = one.secured();
      List<Gateway.Host> hosts = one.server().http() ? one.server().hosts() : List.of();
      for (Gateway.Host host : hosts) {
        for (String name : Site.names(host.name())) {
          if (meeting.takes(tls, name)) {
            Map<String, List<Gateway.Host>> reached = meeting.reached(tls, name);
            if (known.add(List.of(tls, reached)) && !full()) {
              edge(namespace, labels, new Vantage.Edge(meeting, port, tls, reached));
            }
          }
        }
      }
    }
  }

  private void edge(String namespace, Map<String, String> labels, Vantage.Edge edge) {
    List<Scope> scopes = new ArrayList<>();
    edge.reached()
        .forEach((gateway, hosts) -> scopes.add(new Scope(gateway, namespace, labels, hosts)));
    all.add(
        new Vantage(
            tables.of(
                () ->
                    RouteTableCompiler.gateways(
                        config,
                        edge.reached(),
                        namespace,
                        labels,
                        new RouteTableCompiler.Memory())),
            workload(namespace, labels),
            scopes,
            normalize(namespace, labels),
            Optional.of(edge),
            " --gateway" + flags(namespace, labels)));
  }

  private static Workload workload(String namespace, Map<String, String> labels) {
    return new Workload(namespace, USUAL, "cluster.local", labels);
  }

  private Normalize normalize(String namespace, Map<String, String> labels) {
    return Settings.of(config.proxySettings(), namespace, labels).path().normalize();
  }

  private static String flags(String namespace, Map<String, String> labels) {
    String from = namespace.equals(USUAL) ? "" : " --from " + namespace + "/" + USUAL;
    String shown =
        new TreeMap<>(labels)
            .entrySet().stream()
                .map(one -> one.getKey() + "=" + one.getValue())
                .collect(Collectors.joining(","));
    return from + (labels.isEmpty() ? "" : " --labels " + shown);
  }
}
