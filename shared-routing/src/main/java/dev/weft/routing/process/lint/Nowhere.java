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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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
  private final Set<String> known; // Gateways
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

    /** The same at each gateway where they could hold, were it there. */
    Stream<Stray> atGateways() {
      return gateway
          .map(Stream::of)
          .orElseGet(() -> service.gateways().stream())
          .filter(name -> !name.equals(VirtualService.MESH))
          .map(name -> new Stray(problem, service, host, rules, Optional.of(name)));
    }

    boolean has(String route) {
      return route.startsWith(service.meta().qualifiedName() + "#");
    }
  }

  /**
   * @param told by the loader
   */
  Nowhere(
      MeshConfig config,
      List<Problem> told,
      ConnectionExamples connections,
      Findings findings,
      Effort effort) {
    this.connections = connections;
    this.findings = findings;
    this.effort = effort;
    this.outside = new Outside(config);
    this.known =
        config.gateways().stream()
            .map(one -> one.meta().qualifiedName())
            .collect(Collectors.toUnmodifiableSet());
    Map<Place, VirtualService> services = new HashMap<>();
    Map<Place, VirtualService> roots = new HashMap<>();
    for (VirtualService service : config.virtualServices()) {
      services.put(service.meta().place(), service);
      service.lost().forEach(rule -> roots.putIfAbsent(rule.place(), service));
    }
    for (Problem problem : told) {
      if (problem.code().equals(Codes.DELEGATE) && roots.containsKey(problem.place())) {
        delegated(problem, roots.get(problem.place()));
      } else if (services.containsKey(problem.place())) {
        attached(problem, services.get(problem.place()));
      } else if (problem.code().equals(Codes.UNKNOWN_GATEWAY)) {
        config.virtualServices().forEach(root -> asked(problem, root, told));
      }
    }
  }

  /** A delegate's rules ask for a gateway that is not there: what becomes of them at its root. */
  private void asked(Problem problem, VirtualService root, List<Problem> told) {
    List<HttpRoute> rules =
        Stream.concat(root.http().stream(), root.lost().stream())
            .filter(
                rule ->
                    missing(rule, problem) && owner(rule, told).filter(problem::equals).isPresent())
            .toList();
    rules.stream()
        .flatMap(rule -> rule.matches().stream())
        .flatMap(match -> match.gateways().stream())
        .filter(name -> names(problem, name))
        .findFirst()
        .ifPresent(name -> left.add(stray(problem, root, rules, Optional.of(name))));
  }

  private static boolean missing(HttpRoute rule, Problem problem) {
    return rule.matches().stream()
        .flatMap(match -> match.gateways().stream())
        .anyMatch(name -> names(problem, name));
  }

  /** Each resource is told of once for a gateway: the last one above a rule is that of the rule. */
  private static Optional<Problem> owner(HttpRoute rule, List<Problem> told) {
    Place place = rule.place();
    return told.stream()
        .filter(one -> one.code().equals(Codes.UNKNOWN_GATEWAY) && missing(rule, one))
        .filter(one -> one.place().file().equals(place.file()))
        .filter(one -> one.place().line() <= place.line())
        .max(Comparator.comparingInt((Problem one) -> one.place().line()));
  }

  private void delegated(Problem problem, VirtualService root) {
    root.lost().stream()
        .filter(rule -> rule.place().equals(problem.place()))
        .findFirst()
        .ifPresent(rule -> left.add(stray(problem, root, List.of(rule), outside(root, rule))));
  }

  /** A gateway that a rule of a delegate asks for, where it asks for none that its root has. */
  private Optional<String> outside(VirtualService root, HttpRoute rule) {
    Set<String> own = new HashSet<>(root.gateways());
    root.http().stream()
        .flatMap(one -> one.matches().stream())
        .forEach(match -> own.addAll(match.gateways()));
    boolean within =
        rule.matches().isEmpty()
            || rule.matches().stream()
                .map(HttpMatch::gateways)
                .anyMatch(named -> named.isEmpty() || named.stream().anyMatch(own::contains));
    return rule.matches().stream()
        .filter(any -> !within)
        .flatMap(match -> match.gateways().stream())
        .min(
            Comparator.comparing(
                name -> !name.equals(VirtualService.MESH) && !known.contains(name)));
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

  private boolean concerns(Stray stray, Vantage vantage) {
    if (stray.gateway.isEmpty()) {
      return vantage.scopes().stream().anyMatch(scope -> scope.sees(stray.service));
    }
    String name = stray.gateway.get();
    if (name.equals(VirtualService.MESH)) {
      return vantage.mesh();
    }
    return vantage
        .edge()
        .filter(edge -> !known.contains(name) || edge.meeting().gateways().contains(name))
        .isPresent();
  }

  private Optional<String> proof(Stray stray, Vantage vantage) {
    Optional<Asked> asked = asked(stray, vantage);
    if (asked.isEmpty()) {
      return Optional.empty();
    }
    if (asked.get().turned().isPresent()) {
      elsewhere.putIfAbsent(stray, asked.get().told() + " " + asked.get().turned().get());
      return Optional.empty();
    }
    Vantage.Outcome outcome = vantage.outcome(asked.get());
    String told = asked.get().told() + " " + outcome.told();
    if (stray.gateway.isPresent() && stray.has(outcome.decision().route().name())) {
      elsewhere.putIfAbsent(stray, told + " by another gateway alone");
      return Optional.empty();
    }
    return Optional.of(told);
  }

  /** One that rules are asked of, if there is such; else one that is turned away before. */
  private Optional<Asked> asked(Stray stray, Vantage vantage) {
    HostRules rules = new HostRules(List.of(stray.host), List.of());
    Site site = new Site(vantage, rules, Set.of(stray.host), true);
    Cover cover = new Cover(site, effort);
    Optional<Asked> turned = Optional.empty();
    for (Demands demands : stray.demands(vantage).toList()) {
      if (!effort.allows(1)) {
        return turned;
      }
      for (Asked asked : cover.asked(List.of(demands), List.of())) {
        if (asked.turned().isEmpty()) {
          return Optional.of(asked);
        }
        turned = turned.or(() -> Optional.of(asked));
      }
    }
    return turned;
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
                      stray
                          .atGateways()
                          .flatMap(one -> asked(one, mesh).stream())
                          .findFirst()
                          .flatMap(outside::request));
      proof.ifPresent(text -> findings.prove(stray.problem, text));
    }
  }
}
