package dev.weft.routing.authorization;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.model.security.ExternalAuthorizer;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import dev.weft.config.model.settings.Settings;
import dev.weft.routing.authorization.Authorization.Reading;
import dev.weft.routing.exchange.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Makes of the policies that hold for a workload what its requests are decided by. Pure. */
public final class AuthorizationCompiler {

  private final MeshConfig config;
  private final Workload workload;
  private final Reading reading;

  /**
   * @param ambiguous what becomes of a path that servers may read differently
   */
  public AuthorizationCompiler(MeshConfig config, Workload workload, Ambiguous ambiguous) {
    this.config = config;
    this.workload = workload;
    this.reading = ambiguous == Ambiguous.STRICT ? Reading.ALL : Reading.AS_WRITTEN;
  }

  /** Whether no policy holds here. */
  public boolean none() {
    return Policies.of(config, workload).isEmpty();
  }

  /** What holds for requests. */
  public Authorization requests() {
    return compiled(false, Spoken.HTTP);
  }

  /** What policies that only tell would do to requests. */
  public Authorization rehearsedRequests() {
    return compiled(true, Spoken.HTTP);
  }

  /**
   * What holds for connections of which no request is known: a rule that allows by what only a
   * request has never matches, one that denies by it denies by the rest.
   */
  public Authorization connections() {
    return compiled(false, Spoken.BYTES);
  }

  /** What policies that only tell would do to connections. */
  public Authorization rehearsedConnections() {
    return compiled(true, Spoken.BYTES);
  }

  /**
   * Whom to ask about requests before anything else holds, and about which; empty where no policy
   * asks, or where there is nobody to be asked: what such rules match {@link #requests} denies.
   */
  public Optional<Asking> asking() {
    List<AuthorizationPolicy> customs = of(held(false), Action.CUSTOM);
    return authorizer(customs)
        .map(
            authorizer ->
                new Asking(
                    authorizer,
                    new Authorization(
                        rules(customs, Spoken.HTTP), List.of(), Verdict.OPEN, reading)));
  }

  /** The one that all name; empty where they name several, or one that is not there. */
  private Optional<ExternalAuthorizer> authorizer(List<AuthorizationPolicy> customs) {
    List<String> names = customs.stream().map(one -> one.provider().orElse("")).distinct().toList();
    return names.size() != 1
        ? Optional.empty()
        : Settings.of(config.proxySettings(), workload.namespace(), workload.labels())
            .authorizers()
            .stream()
            .filter(one -> one.name().equals(names.get(0)))
            .findFirst()
            .filter(this::served);
  }

  /** Whether a service has its host and port. */
  private boolean served(ExternalAuthorizer one) {
    return config.services().stream()
            .filter(service -> service.host().equals(one.host()))
            .anyMatch(
                service -> service.ports().stream().anyMatch(port -> port.number() == one.port()))
        || config.serviceEntries().stream()
            .filter(entry -> entry.has(one.host()))
            .anyMatch(
                entry -> entry.ports().stream().anyMatch(port -> port.number() == one.port()));
  }

  private List<AuthorizationPolicy> held(boolean dryRun) {
    return Policies.of(config, workload).stream()
        .filter(policy -> policy.dryRun() == dryRun && policy.action() != Action.AUDIT)
        .toList();
  }

  private enum Spoken {
    HTTP,
    BYTES
  }

  private Authorization compiled(boolean dryRun, Spoken spoken) {
    List<AuthorizationPolicy> all = held(dryRun);
    List<AuthorizationPolicy> allowing = of(all, Action.ALLOW);
    List<AuthorizationPolicy> customs = dryRun ? List.of() : of(all, Action.CUSTOM);
    boolean asked = spoken == Spoken.HTTP && authorizer(customs).isPresent();
    List<CompiledRule> denies = new ArrayList<>(asked ? List.of() : rules(customs, spoken));
    denies.addAll(rules(of(all, Action.DENY), spoken));
    Verdict otherwise =
        allowing.isEmpty()
            ? Verdict.OPEN
            : new Verdict(
                false,
                "denied: no rule that allows matches, of "
                    + allowing.stream()
                        .map(policy -> policy.meta().qualifiedName())
                        .collect(Collectors.joining(", ")));
    return new Authorization(denies, rules(allowing, spoken), otherwise, reading);
  }

  private static List<AuthorizationPolicy> of(List<AuthorizationPolicy> all, Action action) {
    return all.stream().filter(policy -> policy.action() == action).toList();
  }

  private List<CompiledRule> rules(List<AuthorizationPolicy> policies, Spoken spoken) {
    List<CompiledRule> rules = new ArrayList<>();
    for (AuthorizationPolicy policy : policies) {
      for (int i = 0; i < policy.rules().size(); i++) {
        rule(policy, i, spoken).ifPresent(rules::add);
      }
    }
    return rules;
  }

  /**
   * A policy that asks an authorizer which is not there, or about a connection, of which there is
   * nothing to ask, denies: it fails closed.
   */
  private Optional<CompiledRule> rule(AuthorizationPolicy policy, int index, Spoken spoken) {
    boolean denies = policy.action() != Action.ALLOW;
    Rule rule = policy.rules().get(index);
    if (spoken == Spoken.BYTES) {
      if (!denies && HttpOnly.asks(rule)) {
        return Optional.empty();
      }
      rule = HttpOnly.without(rule);
    }
    if (reading == Reading.ALL) {
      rule = PathReadings.canonical(rule);
    }
    Conditions conditions = new Conditions(denies);
    String name = policy.meta().qualifiedName();
    int number = index + 1;
    return Optional.of(
        new CompiledRule(
            name,
            number,
            rule.from().stream().map(conditions::source).toList(),
            rule.to().stream().map(conditions::operation).toList(),
            rule.when().stream().map(conditions::when).toList(),
            denies ? Verdict.deniedBy(name, number) : Verdict.allowedBy(name, number),
            rule));
  }
}
