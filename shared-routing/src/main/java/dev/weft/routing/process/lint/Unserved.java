package dev.weft.routing.process.lint;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.Gateway.Server;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problem;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.process.lint.cover.Cover;
import dev.weft.routing.process.lint.cover.Demands;
import dev.weft.routing.process.lint.cover.Effort;
import dev.weft.routing.process.lint.cover.Site;
import dev.weft.routing.process.lint.cover.Vantage;
import dev.weft.routing.route.Conditions;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Hosts that nothing serves: of a Gateway with VirtualServices those that none of them has, and in
 * the mesh those whose rules another VirtualService has, and names of Services that do not exist.
 */
final class Unserved {

  private static final String CLUSTER = "svc.cluster.local";

  private final MeshConfig config;
  private final Findings findings;
  private final Set<List<Object>> served = new HashSet<>();
  private final Map<List<Object>, Asked> unserved = new LinkedHashMap<>();

  Unserved(MeshConfig config, Findings findings) {
    this.config = config;
    this.findings = findings;
  }

  /** Looks at the hosts of a vantage's servers. */
  void hosts(Vantage vantage) {
    Set<String> known = new HashSet<>(vantage.table().hosts());
    for (Gateway gateway : config.gateways()) {
      if (vantage.edge().isEmpty() || !used(gateway.meta().qualifiedName())) {
        continue;
      }
      Vantage.Edge edge = vantage.edge().get();
      List<Gateway.Host> reached =
          edge.reached().getOrDefault(gateway.meta().qualifiedName(), List.of());
      for (Server server : gateway.servers()) {
        if (server.port() == edge.port() && server.http() && server.encrypted() == edge.tls()) {
          server.hosts().stream()
              .filter(reached::contains)
              .forEach(host -> host(vantage, server, host.name(), known));
        }
      }
    }
  }

  /**
   * Looks at the hosts of a place in the mesh. A name of a namespace of which Services are known
   * has an address only where there is such a Service; of other names nobody can say.
   */
  void nameless(Site site) {
    if (!site.vantage().mesh() || config.services().isEmpty()) {
      return;
    }
    for (String host : site.rules().hosts()) {
      if (missing(host)) {
        RequestHead head =
            new RequestHead("GET", "http", host, "/", "", MultiMap.caseInsensitiveMultiMap());
        site.vantage().ask(head).ifPresent(asked -> nameless(site, host, asked));
      }
    }
  }

  private boolean missing(String host) {
    String[] parts = host.split("\\.", 3);
    return parts.length == 3
        && parts[2].equals(CLUSTER)
        && config.services().stream().anyMatch(one -> one.meta().namespace().equals(parts[1]))
        && config.services().stream().noneMatch(one -> one.host().equals(host))
        && config.serviceEntries().stream().noneMatch(one -> one.has(host));
  }

  private void nameless(Site site, String host, Asked asked) {
    for (VirtualService service : config.virtualServices()) {
      boolean here = site.vantage().scopes().stream().anyMatch(scope -> scope.sees(service));
      if (here && service.hosts().contains(host) && !service.http().isEmpty()) {
        findings.add(
            Codes.UNSERVED,
            service.meta().place(),
            "spec.hosts",
            "no Service has the name "
                + host
                + ", so that nobody finds an address to send to; e.g. "
                + asked.told()
                + " fails in its caller",
            "write the name of a Service, or add one");
      }
    }
  }

  private boolean used(String gateway) {
    return config.virtualServices().stream().anyMatch(one -> one.gateways().contains(gateway));
  }

  private void host(Vantage vantage, Server server, String host, Set<String> known) {
    List<Object> key = List.of(server.place(), host);
    if (known.stream().anyMatch(one -> covers(one, host) || covers(host, one))) {
      served.add(key);
      return;
    }
    RequestHead head =
        new RequestHead(
            "GET",
            vantage.scheme(),
            vantage.edge().map(edge -> named(vantage.name(host), edge)).orElse(host),
            "/",
            "",
            MultiMap.caseInsensitiveMultiMap());
    vantage
        .ask(head)
        .filter(asked -> vantage.decide(asked, 0).route().equals(RouteId.NONE))
        .ifPresent(asked -> unserved.putIfAbsent(key, asked));
  }

  private static String named(String name, Vantage.Edge edge) {
    int usual = edge.tls() ? 443 : 80;
    return name + (edge.port() == usual ? "" : ":" + edge.port());
  }

  private static boolean covers(String wide, String narrow) {
    return wide.equals("*")
        || wide.equals(narrow)
        || (wide.startsWith("*.") && narrow.endsWith(wide.substring(1)));
  }

  /** Tells of hosts that are served at none of the vantages. */
  void tell() {
    for (Gateway gateway : config.gateways()) {
      for (int i = 0; i < gateway.servers().size(); i++) {
        Server server = gateway.servers().get(i);
        String field = "spec.servers[" + i + "].hosts";
        server.hosts().stream()
            .map(Gateway.Host::name)
            .forEach(host -> tell(gateway.meta().qualifiedName(), server, field, host));
      }
    }
  }

  private void tell(String gateway, Server server, String field, String host) {
    List<Object> key = List.of(server.place(), host);
    Asked asked = unserved.get(key);
    if (asked != null && !served.contains(key)) {
      findings.add(
          Codes.UNSERVED,
          server.place(),
          field,
          "no VirtualService of the gateway has host "
              + host
              + "; e.g. "
              + asked.told()
              + " gets 404",
          "add one with gateway " + gateway + ", or remove the host");
    }
  }

  /** Proves which VirtualService a host of the mesh has, where several speak of it. */
  void merged(Site site, List<Problem> known) {
    for (Problem problem : known) {
      if (!site.vantage().mesh() || !problem.code().equals(Codes.MERGED)) {
        continue;
      }
      for (VirtualService service : config.virtualServices()) {
        boolean meant = service.meta().place().equals(problem.place()) && !service.http().isEmpty();
        if (meant) {
          service.hosts().stream()
              .filter(site.rules().hosts()::contains)
              .filter(host -> problem.message().startsWith("host " + host + " also in "))
              .findFirst()
              .flatMap(host -> lost(site, service))
              .ifPresent(proof -> findings.prove(problem, proof));
        }
      }
    }
  }

  private Optional<String> lost(Site site, VirtualService service) {
    List<Demands> first =
        service.http().get(0).matches().stream()
            .limit(1)
            .map(match -> new Demands(Conditions.of(match, true)))
            .toList();
    return new Cover(site, new Effort(0, () -> true))
        .asked(first, List.of()).stream()
            .findFirst()
            .map(asked -> asked.told() + " " + site.vantage().outcome(asked).told());
  }
}
