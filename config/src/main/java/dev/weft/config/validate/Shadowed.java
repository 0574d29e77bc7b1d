package dev.weft.config.validate;

import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.StringMatch;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Problems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Rules that no request can reach, because an earlier one takes all that they would. */
public final class Shadowed {

  private static final String NOBODY = "no request gets here: ";
  private static final String SAME = "the same match stands in ";

  private Shadowed() {}

  /** Whether it is told of a rule of HTTP that no request reaches. */
  public static boolean told(Problem problem) {
    return problem.code().equals(Codes.UNREACHABLE)
        && (problem.message().startsWith(NOBODY) || problem.message().startsWith(SAME));
  }

  /**
   * Warns of each rule after a catch-all, and of each match whose requests an earlier one takes.
   * What a delegate takes, and what is left to its rules, is known only where it is merged.
   */
  public static void check(List<VirtualService> services, Problems problems) {
    services.stream()
        .filter(service -> !service.hosts().isEmpty())
        .forEach(service -> rules(service, problems));
  }

  private static void rules(VirtualService service, Problems problems) {
    List<HttpRoute> rules = service.http();
    OptionalInt catchAll = OptionalInt.empty();
    Map<HttpMatch, Integer> seen = new HashMap<>();
    Covered before = new Covered();
    for (int i = 0; i < rules.size(); i++) {
      HttpRoute rule = rules.get(i);
      String path = "spec.http[" + i + "]";
      if (catchAll.isPresent() && within(rule, service.gateways())) {
        problems.warning(
            Codes.UNREACHABLE,
            rule.place(),
            path,
            NOBODY + "http[" + catchAll.getAsInt() + "] takes all",
            "move this rule above that one");
        continue;
      }
      for (int j = 0; j < rule.matches().size(); j++) {
        String at = path + ".match[" + j + "]";
        HttpMatch match = rule.matches().get(j);
        HttpMatch bare = nameless(match);
        Optional<Integer> same = Optional.ofNullable(seen.get(bare));
        if (same.isPresent()) {
          repeated(match, at, same.get(), problems);
        } else {
          before.of(match).ifPresent(by -> covered(match, at, by, problems));
        }
        if (same.isEmpty() && taking(rule)) {
          seen.put(bare, i);
          before.add(i, match);
        }
      }
      if (catchAll.isEmpty() && takesAll(rule)) {
        catchAll = OptionalInt.of(i);
      }
    }
  }

  /** Whether whatever its matches take goes no further. */
  private static boolean taking(HttpRoute rule) {
    return !(rule.action() instanceof HttpAction.Delegate);
  }

  /**
   * Whether it holds only where its VirtualService does: the gateways of a match override those.
   */
  private static boolean within(HttpRoute rule, List<String> gateways) {
    return rule.matches().stream().allMatch(match -> gateways.containsAll(match.gateways()));
  }

  private static void repeated(HttpMatch match, String path, int before, Problems problems) {
    problems.warning(
        Codes.UNREACHABLE,
        match.place(),
        path,
        SAME + "http[" + before + "], which takes its requests",
        "remove one of them");
  }

  private static void covered(HttpMatch match, String path, Covered.By by, Problems problems) {
    boolean trap =
        Covered.path(by.match()) instanceof StringMatch.Prefix prefix
            && !prefix.value().isEmpty()
            && !prefix.value().endsWith("/");
    problems.warning(
        Codes.UNREACHABLE,
        match.place(),
        path,
        NOBODY
            + "http["
            + by.rule()
            + "] takes them ("
            + (trap ? "its prefix is plain text: " + described(by.match()) : described(by.match()))
            + ")",
        trap
            ? "move this one above it, or write the prefix with a slash at its end"
            : "move this one above it");
  }

  private static String described(HttpMatch match) {
    StringMatch path = Covered.path(match);
    if (path instanceof StringMatch.Prefix prefix) {
      return prefix.value().isEmpty() ? "any path" : "whatever begins with " + prefix.value();
    }
    return path instanceof StringMatch.Exact exact ? "the path " + exact.value() : "the same path";
  }

  /** A match without what tells two equal ones apart: name and place. */
  private static HttpMatch nameless(HttpMatch match) {
    return new HttpMatch(
        "",
        match.uri(),
        match.scheme(),
        match.method(),
        match.authority(),
        match.headers(),
        match.withoutHeaders(),
        match.queryParams(),
        match.port(),
        match.sourceLabels(),
        match.sourceNamespace(),
        match.gateways(),
        match.ignoreUriCase(),
        Place.of(""));
  }

  private static boolean takesAll(HttpRoute rule) {
    return taking(rule)
        && (rule.matches().isEmpty() || rule.matches().stream().anyMatch(Shadowed::takesAll));
  }

  private static boolean takesAll(HttpMatch match) {
    HttpMatch bare = nameless(match);
    boolean anyPath =
        match.uri().isEmpty()
            || match.uri().get().equals(new StringMatch.Prefix("/"))
            || match.uri().get().equals(new StringMatch.Prefix(""))
            || match.uri().get().equals(new StringMatch.Regex(".*"));
    return anyPath && bare.equals(withUri(bare));
  }

  /** The catch-all with the path and case of {@code match}. */
  private static HttpMatch withUri(HttpMatch match) {
    return new HttpMatch(
        "",
        match.uri(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of(),
        OptionalInt.empty(),
        Map.of(),
        "",
        List.of(),
        match.ignoreUriCase(),
        match.place());
  }
}
