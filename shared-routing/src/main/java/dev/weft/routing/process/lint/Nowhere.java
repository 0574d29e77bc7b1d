package dev.weft.routing.process.lint;

import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.routing.process.lint.connection.ConnectionExamples;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.process.lint.cover.Cover;
import dev.weft.routing.process.lint.cover.Demands;
import dev.weft.routing.process.lint.cover.Effort;
import dev.weft.routing.process.lint.cover.Outside;
import dev.weft.routing.process.lint.cover.Site;
import dev.weft.routing.process.lint.cover.Vantage;
import dev.weft.routing.route.Conditions;
import dev.weft.routing.route.RouteTable.HostRules;
import dev.weft.routing.route.Scope;
import dev.weft.routing.route.match.Authorities;
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
  private final Outside outside;
  private final ConnectionExamples connections;
  private final List<Stray> left = new ArrayList<>();
  private final Map<Stray, String> elsewhere = new LinkedHashMap<>();

  /**
   * Rules that are told to hold nowhere.
   *
   * @param gateway where they do not hold; empty for all places where their VirtualService does
   */
  private record Stray(
      Problem problem,
      VirtualService service,
      String host,
      List<HttpRoute> rules,
      Optional<String> gateway) {

    /**
     * What requests for them ask of the place where they come in, by each that could hold there.
     */
    Stream<Demands> demands(Vantage vantage) {
      return rules.stream().flatMap(rule -> demands(rule, scopes(vantage), vantage.mesh()));
    }

    private List<Scope> scopes(Vantage vantage) {
      return gateway
          .map(name -> List.of(new Scope(name, "", Map.of(), List.of())))
          .orElse(vantage.scopes());
    }

    private Stream<Demands> demands(HttpRoute rule, List<Scope> scopes, boolean mesh) {
      if (rule.matches().isEmpty()) {
        return Stream.of(new Demands(List.of()))
            .filter(any -> scopes.stream().anyMatch(scope -> scope.lists(service.gateways())));
      }
      return rule.matches().stream()
          .filter(match -> scopes.stream().anyMatch(scope -> holds(match, scope)))
          .map(match -> new Demands(Conditions.of(match, mesh)))
          .filter(demands -> !demands.claims());
    }

    private boolean holds(HttpMatch match, Scope scope) {
      return scope.holds(service, match.gateways(), match.sourceLabels(), match.sourceNamespace());
    }

    boolean has(String route) {
      return route.startsWith(service.meta().qualifiedName() + "#");
    }
  }

  /**
   * @param known what the loader told
   */
  Nowhere(
      MeshConfig config,
      List<Problem> known,
      ConnectionExamples connections,
      Findings findings,
      Effort effort) {
    this.connections = connections;
    this.findings = findings;
    this.effort = effort;
    this.outside = new Outside(config);
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
        .ifPresent(rule -> left.add(stray(problem, root, List.of(rule), Optional.empty())));
  }

  private static Stray stray(
      Problem problem, VirtualService service, List<HttpRoute> rules, Optional<String> gateway) {
    String host =
        service.hosts().stream()
            .filter(one -> problem.message().startsWith("host " + one + " is "))
            .findFirst()
            .orElse(service.hosts().get(0));
    return new Stray(problem, service, host, rules, gateway);
  }

  private void attached(Problem problem, VirtualService service) {
    Optional<String> gateway =
        Set.of(Codes.UNKNOWN_GATEWAY, Codes.UNATTACHED).contains(problem.code())
            ? gateways(service).filter(one -> names(problem, one)).findFirst()
            : Optional.empty();
    if (gateway.isEmpty()) {
      return;
    }
    List<HttpRoute> rules =
        Stream.concat(service.http().stream(), service.lost().stream()).toList();
    if (rules.isEmpty()) {
      connections.nowhere(service).ifPresent(proof -> findings.prove(problem, proof));
    } else {
      left.add(stray(problem, service, rules, gateway));
    }
  }

  private static boolean names(Problem problem, String gateway) {
    return (problem.message() + " ").contains("gateway " + gateway + " ");
  }

  private static Stream<String> gateways(VirtualService service) {
    return Stream.of(
            service.gateways().stream(),
            Stream.concat(service.http().stream(), service.lost().stream())
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
    if (refused(asked.get(), vantage)) {
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

  private static boolean refused(Asked asked, Vantage vantage) {
    String name = Authorities.host(asked.head().authority());
    return vantage
        .edge()
        .filter(Vantage.Edge::tls)
        .filter(edge -> edge.servers().met(Optional.of(name)).isEmpty())
        .isPresent();
  }

  private Optional<Asked> asked(Stray stray, Vantage vantage) {
    HostRules rules = new HostRules(List.of(stray.host), List.of());
    Site site = new Site(vantage, rules, Set.of(stray.host));
    Cover cover = new Cover(site, effort);
    return stray
        .demands(vantage)
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
                          .flatMap(outside::request));
      proof.ifPresent(text -> findings.prove(stray.problem, text));
    }
  }
}
