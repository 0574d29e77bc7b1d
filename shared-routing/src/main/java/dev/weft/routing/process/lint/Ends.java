package dev.weft.routing.process.lint;

import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.HttpRoute.Retries;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.process.lint.cover.Vantages;
import dev.weft.routing.route.CompiledRoute;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What becomes of the requests that a rule gets: where that cannot be what is meant. */
final class Ends {

  private static final int ALL = 1_000_000;
  private static final int MOST_DRAWS = 5_000;
  private static final long STEP = 0x9E3779B97F4A7C15L;
  private static final long HUNDRED = 100;
  private static final long SLIP = 10;
  private static final double PERCENT = 100.0;
  private static final DecimalFormatSymbols SYMBOLS = DecimalFormatSymbols.getInstance(Locale.ROOT);

  private final Findings findings;
  private final Places places;
  private final Redirections redirections;
  private final Copies copies;
  private final Unspoken unspoken;
  private final Map<String, Map<Place, Problem>> known = new HashMap<>();

  Ends(Findings findings, Places places, Vantages vantages, Unspoken unspoken) {
    this.findings = findings;
    this.places = places;
    this.redirections = new Redirections(vantages);
    this.copies = new Copies(findings);
    this.unspoken = unspoken;
    for (String code : List.of(Codes.UNKNOWN_HOST, Codes.UNKNOWN_SUBSET, Codes.UNKNOWN_PORT)) {
      known.put(code, findings.known(code));
    }
  }

  /**
   * @param asked a request that the rule gets
   * @param endpoints of the vantage
   */
  void check(CompiledRoute route, Asked asked, Endpoints endpoints) {
    HttpRoute rule = route.rule();
    String field = places.field(rule);
    if (rule.action() instanceof HttpAction.Redirect) {
      redirections.endless(asked).ifPresent(urls -> endless(rule, field, asked, urls));
    }
    idle(rule, field, asked);
    refusing(rule, field, asked);
    outlasting(rule, field, asked);
    List<WeightedDestination> all = route.destinations();
    for (int i = 0; i < all.size(); i++) {
      if (draws(asked, i)) {
        String share = share(all, i);
        known(all.get(i).destination().place(), asked, share);
        endpoints.missing(route, i, field, asked.told() + " gets 503" + share);
        endpoints.overruled().prove(route.clusters().get(i), asked.told(), share);
        endpoints.areas(route.clusters().get(i), asked.told(), share);
        unspoken.check(route.clusters().get(i), asked, share, endpoints);
      }
    }
    rule.mirrors().stream()
        .map(one -> one.destination().place())
        .forEach(place -> lost(place, asked));
    if (!all.isEmpty()) {
      copies.check(route, field, asked, endpoints);
    }
    if (all.size() > 1) {
      summed(rule, all, field, asked);
      endpoints.divided(route, field, asked);
    }
  }

  /** Whether there may be something to tell of a rule, so that a request for it is looked for. */
  boolean concerns(CompiledRoute route, Endpoints endpoints) {
    HttpRoute rule = route.rule();
    boolean timed = rule.timeout().isPresent() && rule.retries().isPresent();
    return timed
        || rule.fault().isPresent()
        || rule.action() instanceof HttpAction.Redirect
        || !rule.mirrors().isEmpty()
        || !idle(rule).isEmpty()
        || nearlyAll(route.destinations())
        || route.clusters().stream().anyMatch(unspoken::concerns)
        || endpoints.concerns(route)
        || route.destinations().stream()
            .map(one -> one.destination().place())
            .anyMatch(place -> known.values().stream().anyMatch(one -> one.containsKey(place)));
  }

  private void endless(HttpRoute rule, String field, Asked asked, List<String> urls) {
    boolean circle = urls.get(0).equals(urls.get(urls.size() - 1));
    String shown = String.join(", then ", urls.subList(1, Math.min(4, urls.size())));
    findings.add(
        Codes.CONTRADICTORY,
        rule.place(),
        field + ".redirect",
        (circle ? "redirects in a circle" : "redirects without end")
            + ": e.g. "
            + asked.told()
            + " is sent to "
            + shown,
        "match less than it redirects to, or redirect to what no redirect matches");
  }

  /** What only requests that are sent on have. */
  private void idle(HttpRoute rule, String field, Asked asked) {
    List<String> idle = idle(rule);
    if (!idle.isEmpty()) {
      findings.add(
          Codes.CONTRADICTORY,
          rule.place(),
          field,
          String.join(", ", idle)
              + " beside an answer of the proxy's own, which nothing is sent for; e.g. "
              + asked.told()
              + " is answered at once",
          "remove what has no effect, or send the requests on");
    }
  }

  private static List<String> idle(HttpRoute rule) {
    List<String> idle = new ArrayList<>();
    if (!(rule.action() instanceof HttpAction.Route)) {
      rule.timeout().ifPresent(any -> idle.add("timeout"));
      rule.retries().ifPresent(any -> idle.add("retries"));
      if (!rule.mirrors().isEmpty()) {
        idle.add("mirror");
      }
    }
    return idle;
  }

  /** A fault that keeps everything away leaves nothing to be tried again. */
  private void refusing(HttpRoute rule, String field, Asked asked) {
    boolean all =
        rule.fault()
            .flatMap(HttpRoute.Fault::abort)
            .filter(one -> one.perMillion() == ALL)
            .isPresent();
    boolean more =
        rule.retries().filter(one -> one.attempts() > 0).isPresent() || rule.timeout().isPresent();
    if (all && more && asked.at().decide(asked, 0).fault().isPresent()) {
      findings.add(
          Codes.CONTRADICTORY,
          rule.place(),
          field + ".fault.abort",
          "it refuses every request, so that no retry and no timeout begins: e.g. "
              + asked.told()
              + " is refused before it is sent",
          "write less than 100 %, or remove timeout and retries");
    }
  }

  /** Tries that the timeout of the whole never lets begin. */
  private void outlasting(HttpRoute rule, String field, Asked asked) {
    Optional<Duration> timeout = rule.timeout();
    Optional<Retries> retries = rule.retries().filter(one -> one.attempts() > 0);
    boolean sent = rule.action() instanceof HttpAction.Route && rule.fault().isEmpty();
    if (timeout.isEmpty() || retries.isEmpty() || !sent) {
      return;
    }
    long whole = timeout.get().toMillis();
    long one = retries.get().perTryTimeout().map(Duration::toMillis).orElse(0L);
    int attempts = retries.get().attempts();
    long waits = waits(retries.get());
    String what = "";
    if (one >= whole) {
      what = "perTryTimeout " + one + " ms (expected: less than timeout, " + whole + " ms)";
    } else if (attempts * one > whole) {
      what =
          attempts
              + " tries of "
              + one
              + " ms are longer than timeout, "
              + whole
              + " ms: the last retry never begins where each try takes its time";
    } else if (waits > whole) {
      what =
          "the waits between "
              + (attempts + 1)
              + " tries, "
              + waits
              + " ms on average, are longer than timeout, "
              + whole
              + " ms";
    }
    if (!what.isEmpty()) {
      findings.add(
          Codes.RETRIES,
          rule.place(),
          field + ".retries",
          what + "; e.g. " + asked.told() + " ends with 504 after " + whole + " ms",
          "write attempts, perTryTimeout and backoff that fit into timeout, or a longer timeout");
    }
  }

  /** Half of the longest waits, since they are drawn evenly. */
  private static long waits(Retries retries) {
    long base = retries.backoff().toMillis();
    long sum = 0;
    for (int i = 0; i < retries.attempts(); i++) {
      sum += Math.min(base << Math.min(i, 10), base * 10) / 2;
    }
    return sum;
  }

  private void known(Place place, Asked asked, String share) {
    known.forEach(
        (code, problems) -> {
          Problem problem = problems.get(place);
          if (problem != null) {
            boolean subset = code.equals(Codes.UNKNOWN_SUBSET);
            findings.prove(problem, asked.told() + (subset ? " goes there" : " gets 503") + share);
          }
        });
  }

  /** A copy that goes nowhere fails nobody. */
  private void lost(Place place, Asked asked) {
    known.forEach(
        (code, problems) -> {
          Problem problem = problems.get(place);
          if (problem != null) {
            findings.prove(problem, asked.told() + ": its copy goes there");
          }
        });
  }

  /** Weights that were meant as percentages, and are not: they are read as shares of their sum. */
  private void summed(HttpRoute rule, List<WeightedDestination> all, String field, Asked asked) {
    if (nearlyAll(all)) {
      long sum = sum(all);
      findings.add(
          Codes.WEIGHTS,
          rule.place(),
          field + ".route",
          "the weights add up to "
              + sum
              + ", so that they are no percentages; e.g. "
              + asked.told()
              + " reaches the first one"
              + share(all, 0).replace(",", " by").replace(" of such requests", "")
              + " and not by "
              + all.get(0).weight(),
          "write weights that add up to 100");
    }
  }

  /** Whether somebody counted up to a hundred and missed it: ratios such as 9 to 1 are far away. */
  private static boolean nearlyAll(List<WeightedDestination> all) {
    long sum = sum(all);
    return all.size() > 1 && sum != HUNDRED && Math.abs(sum - HUNDRED) <= SLIP;
  }

  private static long sum(List<WeightedDestination> all) {
    return all.stream().mapToLong(WeightedDestination::weight).sum();
  }

  private static String share(List<WeightedDestination> all, int index) {
    long sum = sum(all);
    double percent = all.size() < 2 ? PERCENT : PERCENT * all.get(index).weight() / sum;
    return percent >= PERCENT
        ? ""
        : ", " + new DecimalFormat("0.####", SYMBOLS).format(percent) + " % of such requests";
  }

  /** Whether some draw sends the request to a destination. */
  static boolean draws(Asked asked, int destination) {
    for (int i = 0; i < MOST_DRAWS; i++) {
      Decision decision = asked.at().decide(asked, i * STEP);
      if (!(decision.action() instanceof Forward forward)) {
        return false;
      }
      if (forward.destination() == destination) {
        return true;
      }
    }
    return false;
  }
}
