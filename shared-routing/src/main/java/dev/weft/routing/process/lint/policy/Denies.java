package dev.weft.routing.process.lint.policy;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problem;
import dev.weft.routing.process.lint.cover.Effort;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rules that allow, of which policies that deny take everything: one alone, or several together.
 */
final class Denies {

  private static final int MOST_TOLD = 4;

  private final Effort effort;
  private final List<Written> denying = new ArrayList<>();

  /**
   * A rule that denies, written out.
   *
   * @param index of the rule in its policy
   */
  record Written(AuthorizationPolicy policy, int index, List<List<Part>> asked) {

    /** Whether it denies whatever is asked for. */
    boolean takes(List<Part> parts) {
      return asked.stream().anyMatch(wide -> Asks.within(parts, wide));
    }

    private Rule rule() {
      return policy.rules().get(index);
    }

    private String told() {
      return policy.meta().qualifiedName() + " rule " + (index + 1) + " (" + rule().place() + ")";
    }
  }

  Denies(MeshConfig config, Effort effort) {
    this.effort = effort;
    for (AuthorizationPolicy policy : config.authorizationPolicies()) {
      for (int i = 0; policy.action() == Action.DENY && i < policy.rules().size(); i++) {
        if (!policy.dryRun()) {
          denying.add(new Written(policy, i, Asks.combinations(policy.rules().get(i))));
        }
      }
    }
  }

  /**
   * Whether nothing is left of a rule that allows.
   *
   * @param asked the rule written out
   */
  Optional<Problem> check(AuthorizationPolicy policy, int index, List<List<Part>> asked) {
    List<Written> there =
        denying.stream()
            .filter(one -> effort.allows(1) && everywhere(one.policy, policy))
            .filter(one -> !one.asked.isEmpty())
            .toList();
    for (Written one : there) {
      boolean whole =
          effort.allows((long) asked.size() * one.asked.size())
              && asked.stream().allMatch(one::takes);
      Optional<Problem> told = whole ? told(policy, index, asked, Set.of(one)) : Optional.empty();
      if (told.isPresent()) {
        return told;
      }
    }
    return there.size() < 2
        ? Optional.empty()
        : new Swallowed(there, effort).by(asked).flatMap(by -> told(policy, index, asked, by));
  }

  private static Optional<Problem> told(
      AuthorizationPolicy policy, int index, List<List<Part>> asked, Collection<Written> by) {
    Rule rule = policy.rules().get(index);
    List<AuthorizationPolicy> all = new ArrayList<>();
    all.add(Probe.everywhere(policy));
    by.stream().map(Written::policy).distinct().map(Probe::everywhere).forEach(all::add);
    return asked.stream()
        .flatMap(parts -> Probes.of(parts).stream())
        .filter(probe -> probe.matches(policy, rule))
        .filter(probe -> by.stream().anyMatch(one -> probe.matches(one.policy, one.rule())))
        .filter(probe -> !probe.asked(all).allowed())
        .findFirst()
        .map(probe -> told(rule, index, by, probe.told() + " is " + probe.asked(all).by()));
  }

  private static Problem told(Rule rule, int index, Collection<Written> by, String example) {
    String several = by.size() > 1 ? " deny together" : " denies";
    return PolicyLint.warning(
        Codes.DENIED_WHOLE,
        rule,
        PolicyLint.field(index),
        by.stream().limit(MOST_TOLD).map(Written::told).collect(Collectors.joining(", "))
            + (by.size() > MOST_TOLD ? " and " + (by.size() - MOST_TOLD) + " more" : "")
            + several
            + " all that it allows; e.g. "
            + example,
        "DENY counts before ALLOW: remove the rule, or except it there");
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
}
