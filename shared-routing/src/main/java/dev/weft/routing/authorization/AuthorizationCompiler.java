package dev.weft.routing.authorization;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
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

  private enum Spoken {
    HTTP,
    BYTES
  }

  private Authorization compiled(boolean dryRun, Spoken spoken) {
    List<AuthorizationPolicy> all =
        Policies.of(config, workload).stream()
            .filter(policy -> policy.dryRun() == dryRun && policy.action() != Action.AUDIT)
            .toList();
    List<AuthorizationPolicy> allowing = of(all, Action.ALLOW);
    List<CompiledRule> denies = new ArrayList<>(rules(of(all, Action.CUSTOM), spoken));
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

  /** A policy that asks an authorizer which is not there denies: it fails closed. */
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
