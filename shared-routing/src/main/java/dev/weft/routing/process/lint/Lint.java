package dev.weft.routing.process.lint;

import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Problem.Severity;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.process.lint.connection.ConnectionExamples;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.process.lint.cover.Cover;
import dev.weft.routing.process.lint.cover.Effort;
import dev.weft.routing.process.lint.cover.Rule;
import dev.weft.routing.process.lint.cover.Site;
import dev.weft.routing.process.lint.cover.Vantage;
import dev.weft.routing.process.lint.cover.Vantages;
import dev.weft.routing.process.lint.cover.Wider;
import dev.weft.routing.process.lint.policy.PolicyLint;
import dev.weft.routing.route.CompiledRoute;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Finds rules of a checked configuration that do nothing, or something else than they look like.
 * Whatever is told was asked of the decision function: the request that shows it stands in the
 * message, as {@code weft explain} takes it.
 *
 * <p>Nothing is told that is a matter of taste or of order as it should be: special rules above
 * general ones. The same configuration gives the same findings; ten thousand rules take a second or
 * two, and where more would have to be tried it says so. Any thread; no I/O.
 */
public final class Lint {

  /** Comparisons of a rule with a request, at most. */
  private static final long MOST_STEPS = 30_000_000;

  private static final String VIRTUAL_SERVICE = "VirtualService";

  private Lint() {}

  /**
   * The problems of a load with what proves them, and what is found beside them.
   *
   * @return those of the load as they are where it has errors, since then nothing is applied
   */
  public static List<Problem> check(LoadResult loaded) {
    return loaded.accepted()
        ? check(loaded.config(), loaded.problems(), () -> true).problems()
        : loaded.problems();
  }

  /**
   * What is found in what serves.
   *
   * @param problems those that were known, with what proves them, and those that were found
   * @param cut whether not all could be tried, which is told among them
   */
  record Outcome(List<Problem> problems, boolean cut) {}

  /**
   * The same of what serves.
   *
   * @param known what its load told
   * @param goesOn asked often; once it says no, what was found so far is all
   */
  static Outcome check(MeshConfig config, List<Problem> known, BooleanSupplier goesOn) {
    Effort effort = new Effort(MOST_STEPS, goesOn);
    Findings findings = new Findings(known);
    Vantages vantages = Vantages.of(config);
    Places places = new Places(config);
    Ends ends = new Ends(findings, places, vantages, new Unspoken(config, findings));
    Unserved unserved = new Unserved(config, findings);
    Overruled.modes(config, findings);
    ConnectionExamples connections = new ConnectionExamples(config);
    connections.prove(known, effort, findings::prove);
    Nowhere nowhere = new Nowhere(config, known, connections, findings, effort);
    for (Vantage vantage : vantages.all()) {
      if (effort.over()) {
        break;
      }
      Endpoints endpoints = new Endpoints(config, vantage.workload(), findings);
      for (Site site : places.sites(vantage)) {
        List<Rule> tried = places.tried(site);
        rules(site, places, tried, findings, effort);
        ends(
            site,
            tried,
            effort.another(MOST_STEPS),
            route -> ends.concerns(route, endpoints),
            (route, asked) -> ends.check(route, asked, endpoints));
        unserved.merged(site, known);
        unserved.nameless(site);
        endpoints.overruled().prove(site);
      }
      unserved.hosts(vantage);
      nowhere.check(vantage);
    }
    boolean everywhere = !effort.over();
    if (everywhere) {
      unserved.tell();
    }
    if (everywhere && !vantages.more()) {
      nowhere.tell(vantages.all().get(0));
    }
    if (vantages.more()) {
      effort.leaveOut();
    }
    List<Problem> all = new ArrayList<>(findings.sorted(everywhere));
    all.addAll(PolicyLint.check(config, effort));
    if (effort.cut()) {
      all.add(cut(config, effort.over()));
    }
    return new Outcome(all.stream().sorted().toList(), effort.cut());
  }

  /** Each rule once, with a request that it gets. */
  private static void ends(
      Site site,
      List<Rule> tried,
      Effort effort,
      Predicate<CompiledRoute> wanted,
      BiConsumer<CompiledRoute, Asked> check) {
    Set<RouteId> done = new HashSet<>();
    Wider wider = new Wider(tried, effort);
    Cover cover = new Cover(site, effort);
    for (int i = 0; i < tried.size() && !effort.over(); i++) {
      CompiledRoute route = site.entries().get(i).route();
      Rule rule = tried.get(i);
      boolean written = route.service().kind().equals(VIRTUAL_SERVICE);
      if (written && !done.contains(route.id()) && !rule.asks().claims() && wanted.test(route)) {
        List<Rule> before = wider.before(rule.order(), rule.asks());
        cover.asked(List.of(rule.asks()), before.subList(0, Math.min(20, before.size()))).stream()
            .filter(asked -> site.vantage().decide(asked, 0).route().equals(route.id()))
            .findFirst()
            .ifPresent(
                asked -> {
                  done.add(route.id());
                  check.accept(route, asked);
                });
      }
    }
  }

  private static void rules(
      Site site, Places places, List<Rule> tried, Findings findings, Effort effort) {
    Shadows shadows = new Shadows(site, tried, findings, effort);
    Dead dead = new Dead(site, findings, effort);
    List<Rule> all = new ArrayList<>(tried);
    all.addAll(places.behind(site));
    for (Rule rule : all) {
      if (rule.service().kind().equals(VIRTUAL_SERVICE) && !effort.over()) {
        shadows.check(rule);
        dead.check(rule);
      }
    }
  }

  private static Problem cut(MeshConfig config, boolean late) {
    Place place =
        config.virtualServices().isEmpty()
            ? Place.of("")
            : Place.of(config.virtualServices().get(0).meta().place().file());
    return new Problem(
        Severity.WARNING,
        Codes.TOO_LARGE,
        place,
        "",
        late
            ? "too many rules to try all against each other in the time that there is"
            : "too many rules for the same hosts and paths to try all against each other",
        "there may be more rules that no request reaches than are told");
  }
}
