package dev.weft.routing.process.lint.policy;

import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What of a rule matches nothing, since its negation takes all that it asks for. */
final class Excluded {

  private final AuthorizationPolicy policy;
  private final Rule rule;
  private final String field;
  private final List<Problem> found;

  Excluded(AuthorizationPolicy policy, int index, List<Problem> found) {
    this.policy = policy;
    this.rule = policy.rules().get(index);
    this.field = "spec.rules[" + index + "].";
    this.found = found;
  }

  /** Whether the rule as a whole matches nothing. */
  boolean check() {
    List<List<Part>> from = rule.from().stream().map(Asks::of).toList();
    List<List<Part>> to = rule.to().stream().map(Asks::of).toList();
    List<List<Part>> when = rule.when().stream().map(Asks::of).toList();
    int sources = 0;
    for (int i = 0; i < from.size(); i++) {
      Rule alone = new Rule(rule.place(), List.of(rule.from().get(i)), List.of(), List.of());
      sources += dead("from[" + i + "].source", from.get(i), alone) ? 1 : 0;
    }
    int operations = 0;
    for (int i = 0; i < to.size(); i++) {
      Rule alone = new Rule(rule.place(), List.of(), List.of(rule.to().get(i)), List.of());
      operations += dead("to[" + i + "].operation", to.get(i), alone) ? 1 : 0;
    }
    boolean never = false;
    for (int i = 0; i < when.size(); i++) {
      Rule alone = new Rule(rule.place(), List.of(), List.of(), List.of(rule.when().get(i)));
      never |= dead("when[" + i + "]", when.get(i), alone);
    }
    return never
        || (sources > 0 && sources == from.size())
        || (operations > 0 && operations == to.size());
  }

  private boolean dead(String where, List<Part> parts, Rule alone) {
    boolean denies = policy.action() != Action.ALLOW;
    Optional<Part> part = parts.stream().filter(one -> one.excluded(denies)).findFirst();
    if (part.isEmpty()) {
      return false;
    }
    Optional<Probe> near = near(parts, part.get());
    if (near.filter(probe -> probe.matches(policy, alone)).isPresent()) {
      return false;
    }
    found.add(
        PolicyLint.warning(
            Codes.EXCLUDED,
            rule,
            field + where + "." + part.get().in(),
            "no request can meet it: "
                + part.get().not()
                + " takes all of "
                + String.join(", ", part.get().values().in())
                + near.map(probe -> "; e.g. " + probe.told() + " does not").orElse(""),
            "remove what both have from one of them"));
    return true;
  }

  /** A request that does what is asked but for the negation. */
  private static Optional<Probe> near(List<Part> parts, Part dead) {
    List<Part> wanted = new ArrayList<>();
    parts.forEach(part -> wanted.add(part.equals(dead) ? part.positive() : part));
    return Probes.of(wanted);
  }
}
