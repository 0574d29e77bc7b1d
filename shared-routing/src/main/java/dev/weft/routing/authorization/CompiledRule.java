package dev.weft.routing.authorization;

import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import java.util.ArrayList;
import java.util.List;

/**
 * One rule of a policy: one of {@code from}, one of {@code to} and all of {@code when} must hold.
 *
 * @param policy {@code namespace/name}
 * @param number of the rule in its policy, from 1
 * @param verdict what is said where it matches
 * @param source what it was compiled from, its paths as they are compared
 */
record CompiledRule(
    String policy,
    int number,
    List<List<Condition>> from,
    List<List<Condition>> to,
    List<Condition> when,
    Verdict verdict,
    Rule source) {

  CompiledRule {
    from = from.stream().map(List::copyOf).toList();
    to = to.stream().map(List::copyOf).toList();
    when = List.copyOf(when);
  }

  boolean matches(Facts facts) {
    return all(when, facts) && any(from, facts) && any(to, facts);
  }

  private static boolean any(List<List<Condition>> alternatives, Facts facts) {
    for (int i = 0; i < alternatives.size(); i++) {
      if (all(alternatives.get(i), facts)) {
        return true;
      }
    }
    return alternatives.isEmpty();
  }

  private static boolean all(List<Condition> conditions, Facts facts) {
    for (int i = 0; i < conditions.size(); i++) {
      if (!conditions.get(i).holds(facts)) {
        return false;
      }
    }
    return true;
  }

  /** What of a request that it matches made it match, each once; empty where it asks nothing. */
  String told(Facts facts) {
    List<String> told = new ArrayList<>();
    for (List<List<Condition>> alternatives : List.of(to, from, List.of(when))) {
      alternatives.stream()
          .filter(conditions -> all(conditions, facts))
          .findFirst()
          .ifPresent(conditions -> conditions.forEach(one -> told.add(one.told(facts))));
    }
    return String.join(", ", told.stream().distinct().toList());
  }
}
