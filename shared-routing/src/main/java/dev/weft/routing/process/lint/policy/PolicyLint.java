package dev.weft.routing.process.lint.policy;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.AuthorizationPolicy.Operation;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Problem.Severity;
import dev.weft.routing.authorization.HttpOnly;
import dev.weft.routing.authorization.Verdict;
import dev.weft.routing.process.lint.cover.Effort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds rules of AuthorizationPolicies that do nothing: their words are taken by their negations, a
 * policy that denies at the same workloads takes all that they allow, an earlier rule of the policy
 * asks for the same, or they ask connections for what only requests have.
 *
 * <p>Whatever request is told was asked of what the policies are compiled to. What is not sure is
 * not told: dry runs, and policies that hold at some of the workloads only. Pure.
 */
public final class PolicyLint {

  private final Effort effort;
  private final TcpPorts ports;
  private final List<Denies> denying;
  private final List<Problem> found = new ArrayList<>();

  /** A policy that denies, and each of its rules written out. */
  private record Denies(AuthorizationPolicy policy, List<List<List<Part>>> rules) {}

  private PolicyLint(MeshConfig config, Effort effort) {
    this.effort = effort;
    this.ports = new TcpPorts(config);
    this.denying =
        config.authorizationPolicies().stream()
            .filter(one -> one.action() == Action.DENY && !one.dryRun())
            .map(one -> new Denies(one, one.rules().stream().map(Asks::combinations).toList()))
            .toList();
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
        denied(policy, i, asked);
        unspoken(policy, i, asked);
      }
    }
  }

  static Problem warning(String code, Rule rule, String field, String message, String hint) {
    return new Problem(Severity.WARNING, code, rule.place(), field, message, hint);
  }

  private static String field(int rule) {
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

  /** A policy that denies takes all that the rule allows. */
  private void denied(AuthorizationPolicy policy, int index, List<List<Part>> asked) {
    for (Denies other : denying) {
      boolean there = effort.allows(1) && everywhere(other.policy, policy);
      for (int i = 0; i < other.rules.size() && there; i++) {
        if (taken(asked, other.rules.get(i)) && told(policy, index, asked, other.policy, i)) {
          return;
        }
      }
    }
  }

  private boolean taken(List<List<Part>> asked, List<List<Part>> wide) {
    return !wide.isEmpty()
        && effort.allows((long) asked.size() * wide.size())
        && asked.stream()
            .allMatch(parts -> wide.stream().anyMatch(other -> Asks.within(parts, other)));
  }

  private boolean told(
      AuthorizationPolicy policy,
      int index,
      List<List<Part>> asked,
      AuthorizationPolicy other,
      int by) {
    Rule rule = policy.rules().get(index);
    Optional<Probe> shown =
        asked.stream()
            .flatMap(parts -> Probes.of(parts).stream())
            .filter(probe -> probe.matches(policy, rule))
            .filter(probe -> probe.matches(other, other.rules().get(by)))
            .filter(probe -> !said(probe, policy, other).allowed())
            .findFirst();
    shown.ifPresent(
        probe ->
            found.add(
                warning(
                    Codes.DENIED_WHOLE,
                    rule,
                    field(index),
                    other.meta().qualifiedName()
                        + " rule "
                        + (by + 1)
                        + " ("
                        + other.rules().get(by).place()
                        + ") denies all that it allows; e.g. "
                        + probe.told()
                        + " is "
                        + said(probe, policy, other).by(),
                    "DENY counts before ALLOW: remove the rule, or except it there")));
    return shown.isPresent();
  }

  private static Verdict said(Probe probe, AuthorizationPolicy policy, AuthorizationPolicy other) {
    return probe.asked(List.of(Probe.everywhere(policy), Probe.everywhere(other)));
  }

  /** Whether the one holds wherever the other does. */
  private static boolean everywhere(AuthorizationPolicy one, AuthorizationPolicy other) {
    String namespace = one.meta().namespace();
    boolean same = namespace.equals(other.meta().namespace());
    if (!same && !Meta.ROOT_NAMESPACES.contains(namespace)) {
      return false;
    }
    return one.targets().isEmpty()
        ? other.selector().entrySet().containsAll(one.selector().entrySet())
        : same && !other.targets().isEmpty() && one.targets().containsAll(other.targets());
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
