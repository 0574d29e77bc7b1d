package dev.weft.config.validate;

import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.StringMatch;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Rules that no request can reach, because an earlier one takes all that they would. */
public final class Shadowed {

  private Shadowed() {}

  /** Warns of each rule after a catch-all, and of each match that stood before. */
  public static void check(MeshConfig config, Problems problems) {
    for (VirtualService service : config.virtualServices()) {
      check(service.http(), problems);
    }
  }

  private static void check(List<HttpRoute> rules, Problems problems) {
    OptionalInt catchAll = OptionalInt.empty();
    Map<HttpMatch, Integer> seen = new HashMap<>();
    for (int i = 0; i < rules.size(); i++) {
      HttpRoute rule = rules.get(i);
      String path = "spec.http[" + i + "]";
      if (catchAll.isPresent()) {
        problems.warning(
            Codes.UNREACHABLE,
            rule.place(),
            path,
            "no request gets here: http[" + catchAll.getAsInt() + "] takes all",
            "move this rule above that one");
        continue;
      }
      repeated(rule, i, seen, problems);
      if (takesAll(rule)) {
        catchAll = OptionalInt.of(i);
      }
    }
  }

  private static void repeated(
      HttpRoute rule, int index, Map<HttpMatch, Integer> seen, Problems problems) {
    for (int j = 0; j < rule.matches().size(); j++) {
      HttpMatch match = rule.matches().get(j);
      Optional<Integer> before = Optional.ofNullable(seen.putIfAbsent(nameless(match), index));
      if (before.isPresent()) {
        problems.warning(
            Codes.UNREACHABLE,
            match.place(),
            "spec.http[" + index + "].match[" + j + "]",
            "the same match stands in http[" + before.get() + "], which takes its requests",
            "remove one of them");
      }
    }
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
    return rule.matches().isEmpty() || rule.matches().stream().anyMatch(Shadowed::takesAll);
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
