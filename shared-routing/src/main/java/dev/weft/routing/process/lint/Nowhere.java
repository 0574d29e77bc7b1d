package dev.weft.routing.process.lint;

import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.process.lint.cover.Cover;
import dev.weft.routing.process.lint.cover.Demands;
import dev.weft.routing.process.lint.cover.Effort;
import dev.weft.routing.process.lint.cover.Site;
import dev.weft.routing.process.lint.cover.StrayConnections;
import dev.weft.routing.process.lint.cover.Vantage;
import dev.weft.routing.route.Conditions;
import dev.weft.routing.route.RouteTable.HostRules;
import dev.weft.routing.snapshot.PortServers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Proves what the loader told of rules that hold nowhere: whose gateway is not there or has none of
 * their hosts, and whose delegate is missing or does not fit. Each by a request that they ask for,
 * where such could come in. One thread.
 */
final class Nowhere {

  private final Findings findings;
  private final Effort effort;
  private final StrayConnections connections;
  private final List<Stray> left = new ArrayList<>();
  private final Map<Stray, String> elsewhere = new LinkedHashMap<>();

  /**
   * Rules that are told to hold nowhere.
   *
   * @param matches what they ask for; none for any request
   * @param gateway where they do not hold; empty for all places where their VirtualService does
   */
  private record Stray(
      Problem problem,
      VirtualService service,
      String host,
      List<HttpMatch> matches,
      Optional<String> gateway) {

    /** What a request for them asks of the place where it comes in. */
    List<Demands> demands(boolean mesh) {
      return matches.isEmpty()
          ? List.of(new Demands(List.of()))
          : matches.stream()
              .map(match -> new Demands(Conditions.of(match, mesh)))
              .filter(demands -> !demands.claims())
              .toList();
    }

    boolean has(String route) {
      return route.startsWith(service.meta().qualifiedName() + "#");
    }
  }

  /**
   * @param known what the loader told
   */
  Nowhere(MeshConfig config, List<Problem> known, Findings findings, Effort effort) {
    this.findings = findings;
    this.effort = effort;
    this.connections = new StrayConnections(config);
    Map<Place, VirtualService> services = new HashMap<>();
    Map<Place, VirtualService> roots = new HashMap<>();
    for (VirtualService service : config.virtualServices()) {
      services.put(service.meta().place(), service);
      service.lost().forEach(rule -> roots.putIfAbsent(rule.place(), service));
    }
    for (Problem problem : known) {
      if (problem.code().equals(Codes.DELEGATE) && roots.containsKey(problem.place())) {
        delegated(problem, roots.get(problem.place()));
      } else if (services.containsKey(problem.place())) {
        attached(problem, services.get(problem.place()));
      }
    }
  }

  private void delegated(Problem problem, VirtualService root) {
    root.lost().stream()
        .filter(rule -> rule.place().equals(problem.place()))
        .findFirst()
        .ifPresent(rule -> left.add(stray(problem, root, rule, Optional.empty())));
  }

  private static Stray stray(
      Problem problem, VirtualService service, HttpRoute rule, Optional<String> gateway) {
    String host =
        service.hosts().stream()
            .filter(one -> problem.message().startsWith("host " + one + " is "))
            .findFirst()
            .orElse(service.hosts().get(0));
    return new Stray(problem, service, host, rule.matches(), gateway);
  }

  private void attached(Problem problem, VirtualService service) {
    Optional<String> gateway =
        Set.of(Codes.UNKNOWN_GATEWAY, Codes.UNATTACHED).contains(problem.code())
            ? gateways(service).filter(one -> names(problem, one)).findFirst()
            : Optional.empty();
    if (gateway.isEmpty()) {
      return;
    }
    Stream.concat(service.http().stream(), service.lost().stream())
        .findFirst()
        .ifPresentOrElse(
            rule -> left.add(stray(problem, service, rule, gateway)),
            () -> connections.example(service).ifPresent(proof -> findings.prove(problem, proof)));
  }

  private static boolean names(Problem problem, String gateway) {
    return (problem.message() + " ").contains("gateway " + gateway + " ");
  }

  private static Stream<String> gateways(VirtualService service) {
    return Stream.of(
            service.gateways().stream(),
            service.http().stream()
                .flatMap(rule -> rule.matches().stream())
                .flatMap(match -> match.gateways().stream()),
            Stream.concat(service.tls().stream(), service.tcp().stream())
                .flatMap(rule -> rule.matches().stream())
                .flatMap(match -> match.gateways().stream()))
        .flatMap(all -> all)
        .filter(name -> !name.equals(VirtualService.MESH))
        .distinct();
  }

  /** Looks at those that could be asked for at a vantage. */
  void check(Vantage vantage) {
    left.removeIf(
        stray -> {
          Optional<String> proof =
              concerns(stray, vantage) ? proof(stray, vantage) : Optional.empty();
          proof.ifPresent(text -> findings.prove(stray.problem, text));
          return proof.isPresent();
        });
  }

  private static boolean concerns(Stray stray, Vantage vantage) {
    if (stray.gateway.isEmpty()) {
      return vantage.scopes().stream().anyMatch(scope -> scope.sees(stray.service));
    }
    boolean there = stray.problem.code().equals(Codes.UNATTACHED);
    return vantage
        .edge()
        .filter(edge -> !there || opens(edge.servers(), stray.gateway.get()))
        .isPresent();
  }

  private static boolean opens(PortServers servers, String gateway) {
    return servers.servers().stream().anyMatch(one -> one.gateway().equals(gateway));
  }

  private Optional<String> proof(Stray stray, Vantage vantage) {
    Optional<Asked> asked = asked(stray, vantage);
    if (asked.isEmpty()) {
      return Optional.empty();
    }
    if (refused(stray, vantage)) {
      return Optional.of(asked.get().told() + " is refused in its handshake");
    }
    Vantage.Outcome outcome = vantage.outcome(asked.get());
    String told = asked.get().told() + " " + outcome.told();
    if (stray.gateway.isPresent() && stray.has(outcome.decision().route().name())) {
      elsewhere.putIfAbsent(stray, told + " by another gateway alone");
      return Optional.empty();
    }
    return Optional.of(told);
  }

  private static boolean refused(Stray stray, Vantage vantage) {
    return vantage
        .edge()
        .filter(Vantage.Edge::tls)
        .filter(edge -> edge.servers().met(Optional.of(Site.name(stray.host))).isEmpty())
        .isPresent();
  }

  private Optional<Asked> asked(Stray stray, Vantage vantage) {
    HostRules rules = new HostRules(List.of(stray.host), List.of());
    Site site = new Site(vantage, rules, Set.of(stray.host));
    Cover cover = new Cover(site, effort);
    return stray.demands(vantage.mesh()).stream()
        .flatMap(demands -> cover.asked(List.of(demands), List.of()).stream())
        .findFirst();
  }

  /**
   * Once all vantages were looked at.
   *
   * @param mesh from where requests go that come in nowhere
   */
  void tell(Vantage mesh) {
    for (Stray stray : left) {
      Optional<String> proof =
          Optional.ofNullable(elsewhere.get(stray))
              .or(
                  () ->
                      asked(stray, mesh)
                          .filter(any -> stray.gateway.isPresent())
                          .map(one -> one.told() + " --gateway finds no server for HTTP there"));
      proof.ifPresent(text -> findings.prove(stray.problem, text));
    }
  }
}
