package dev.weft.routing.process.lint.policy;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.AuthorizationPolicy.Operation;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Problem.Severity;
import dev.weft.routing.authorization.HttpOnly;
import dev.weft.routing.process.lint.cover.Effort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds rules of AuthorizationPolicies that do nothing: their words are taken by their negations,
 * policies that deny at the same workloads take all that they allow, an earlier rule of the policy
 * asks for the same, or they ask connections for what only requests have.
 *
 * <p>Whatever request is told was asked of what the policies are compiled to. What is not sure is
 * not told: dry runs, and policies that hold at some of the workloads only. Pure.
 */
public final class PolicyLint {

  private final Effort effort;
  private final TcpPorts ports;
  private final Denies denies;
  private final List<Problem> found = new ArrayList<>();

  private PolicyLint(MeshConfig config, Effort effort) {
    this.effort = effort;
    this.ports = new TcpPorts(config);
    this.denies = new Denies(config, effort);
  }

  /**
   * @param effort bounds the comparisons of rules
   * @return warnings, in no order
   */
  public static List<Problem> check(MeshConfig config, Effort effort) {
    PolicyLint lint = new PolicyLint(config, effort);
    config.authorizationPolicies().forEach(lint::policy);
    return lint.found;
  }

  private void policy(AuthorizationPolicy policy) {
    for (int i = 0; i < policy.rules().size(); i++) {
      Rule rule = policy.rules().get(i);
      List<List<Part>> asked = Asks.combinations(rule);
      boolean dead = new Excluded(policy, i, found).check();
      boolean allows = policy.action() == Action.ALLOW && !policy.dryRun();
      if (!dead && !asked.isEmpty() && !repeated(policy, i, asked) && allows) {
        denies.check(policy, i, asked).ifPresent(found::add);
        unspoken(policy, i, asked);
      }
    }
  }

  static Problem warning(String code, Rule rule, String field, String message, String hint) {
    return new Problem(Severity.WARNING, code, rule.place(), field, message, hint);
  }

  static String field(int rule) {
    return "spec.rules[" + rule + "]";
  }

  /** An earlier rule of the policy asks for the same. */
  private boolean repeated(AuthorizationPolicy policy, int index, List<List<Part>> asked) {
    Rule rule = policy.rules().get(index);
    for (int i = 0; i < index; i++) {
      Rule earlier = policy.rules().get(i);
      boolean same =
          effort.allows(1)
              && earlier.from().equals(rule.from())
              && earlier.to().equals(rule.to())
              && earlier.when().equals(rule.when());
      if (same) {
        String example =
            example(asked)
                .filter(probe -> probe.matches(policy, earlier))
                .map(probe -> "; e.g. " + probe.told())
                .orElse("");
        String told = "rules[" + i + "] (" + earlier.place() + ") asks for the same" + example;
        found.add(warning(Codes.UNREACHABLE, rule, field(index), told, "remove one of them"));
        return true;
      }
    }
    return false;
  }

  private static Optional<Probe> example(List<List<Part>> asked) {
    return asked.stream().flatMap(parts -> Probes.of(parts).stream()).findFirst();
  }

  /** The rule asks connections for what only a request has. */
  private void unspoken(AuthorizationPolicy policy, int index, List<List<Part>> asked) {
    Rule rule = policy.rules().get(index);
    for (int i = 0; i < rule.to().size() && HttpOnly.asks(rule); i++) {
      Operation operation = rule.to().get(i);
      List<String> words = operation.ports().in();
      List<String> by =
          words.stream().flatMap(port -> ports.declared(policy, port).stream()).toList();
      if (!words.isEmpty() && by.size() == words.size()) {
        String field = field(index) + ".to[" + i + "].operation.ports";
        Rule alone = new Rule(rule.place(), rule.from(), List.of(operation), rule.when());
        asked.stream()
            .filter(parts -> parts.containsAll(Asks.of(operation)))
            .flatMap(parts -> Probes.of(parts).stream())
            .filter(probe -> probe.matches(policy, alone) && !probe.connects(policy, rule))
            .findFirst()
            .ifPresent(
                probe ->
                    found.add(
                        warning(
                            Codes.NO_REQUESTS,
                            rule,
                            field,
                            "port "
                                + words.get(0)
                                + " is "
                                + by.get(0)
                                + ": a connection there has no request, and a rule that asks for"
                                + " what only requests have allows none",
                            "ask there for principals, namespaces or ipBlocks only, or declare the"
                                + " port as HTTP")));
      }
    }
  }
}
