package dev.weft.routing.process.lint;

import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Problem.Severity;
import dev.weft.config.validate.Shadowed;
import dev.weft.routing.process.lint.cover.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gathers what is found, and what proves what the loader told already. What is said of a rule as a
 * whole counts only where it holds at every place at which the rule is tried. One thread.
 */
final class Findings {

  private final List<Problem> known;
  private final Map<List<Object>, Problem> found = new LinkedHashMap<>();
  private final Map<List<Object>, Claim> claims = new LinkedHashMap<>();
  private final Map<Problem, String> proofs = new HashMap<>();
  private final Map<Place, Problem> shadowed = new HashMap<>();

  /** What is said of a rule wherever it is tried. */
  private static final class Claim {
    private int places;
    private int holds;
    private final List<Problem> told = new ArrayList<>(1);
    private String proof = "";
  }

  /**
   * @param known what the loader told
   */
  Findings(List<Problem> known) {
    this.known = known;
    known.stream()
        .filter(Shadowed::told)
        .forEach(problem -> shadowed.putIfAbsent(problem.place(), problem));
  }

  /** A warning, once for a place. */
  void add(String code, Place place, String field, String message, String hint) {
    Problem problem = new Problem(Severity.WARNING, code, place, field, message, hint);
    found.putIfAbsent(List.of(code, place), problem);
  }

  /** A rule is tried at one more place; nothing is said of it there. */
  void tried(String code, Rule rule) {
    claim(code, rule).places++;
  }

  /**
   * A rule is tried at one more place, where it holds too.
   *
   * @param proof what is added where the loader has told of the rule already
   */
  void claimed(String code, Rule rule, String message, String hint, String proof) {
    Claim claim = claim(code, rule);
    claim.places++;
    claim.holds++;
    if (claim.told.isEmpty()) {
      claim.proof = proof;
      claim.told.add(
          new Problem(Severity.WARNING, code, rule.place(), rule.field(), message, hint));
    }
  }

  private Claim claim(String code, Rule rule) {
    return claims.computeIfAbsent(
        List.of(code, rule.place(), rule.rule().place()), any -> new Claim());
  }

  /** What proves a problem that the loader told. */
  void prove(Problem problem, String proof) {
    proofs.putIfAbsent(problem, proof);
  }

  /** The loader's problems of a code, by their places. */
  Map<Place, Problem> known(String code) {
    Map<Place, Problem> all = new HashMap<>();
    known.stream()
        .filter(problem -> problem.code().equals(code))
        .forEach(problem -> all.putIfAbsent(problem.place(), problem));
    return all;
  }

  /**
   * All, sorted by place.
   *
   * @param everywhere whether rules were looked at wherever they are tried
   */
  List<Problem> sorted(boolean everywhere) {
    List<Problem> all = new ArrayList<>(found.values());
    claims.forEach(
        (key, claim) -> {
          if (everywhere && claim.holds == claim.places && claim.holds > 0) {
            settle(claim, (Place) key.get(2), all);
          }
        });
    for (Problem problem : known) {
      String proof = proofs.get(problem);
      all.add(proof == null ? problem : proved(problem, proof));
    }
    return all.stream().distinct().sorted().toList();
  }

  /** The loader tells of a match, or of its whole rule; else it is news. */
  private void settle(Claim claim, Place rule, List<Problem> all) {
    Problem told = claim.told.get(0);
    Problem before = shadowed.getOrDefault(told.place(), shadowed.get(rule));
    if (before != null && before.code().equals(told.code())) {
      prove(before, claim.proof);
    } else {
      all.add(told);
    }
  }

  private static Problem proved(Problem problem, String proof) {
    return new Problem(
        problem.severity(),
        problem.code(),
        problem.place(),
        problem.path(),
        problem.message() + "; e.g. " + proof,
        problem.hint());
  }
}
