package dev.weft.routing.route;

import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.StringMatch;
import dev.weft.routing.route.match.Condition;
import dev.weft.routing.route.match.Condition.Part;
import dev.weft.routing.route.match.Condition.Part.Which;
import dev.weft.routing.route.match.TextMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The conditions of a match that depend on the request; the cheapest first. */
final class Conditions {

  private static final Set<String> IGNORED = Set.of("uri", "scheme", "method", "authority");

  private Conditions() {}

  static List<Condition> of(HttpMatch match) {
    List<Condition> all = new ArrayList<>();
    match.method().ifPresent(m -> all.add(new Part(Which.METHOD, TextMatcher.of(m, false))));
    match
        .uri()
        .filter(uri -> !uri.equals(new StringMatch.Prefix("")))
        .filter(uri -> !uri.equals(new StringMatch.Prefix("/")))
        .ifPresent(uri -> all.add(new Condition.Path(TextMatcher.of(uri, match.ignoreUriCase()))));
    match.scheme().ifPresent(m -> all.add(new Part(Which.SCHEME, TextMatcher.of(m, false))));
    match.authority().ifPresent(m -> all.add(new Part(Which.AUTHORITY, TextMatcher.of(m, false))));
    match.port().ifPresent(port -> all.add(new Condition.Port(port)));
    match.headers().forEach((name, text) -> header(all, name, text));
    match
        .withoutHeaders()
        .forEach(
            (name, text) -> {
              TextMatcher matcher = TextMatcher.of(text, false);
              all.add(new Condition.WithoutHeader(new Condition.Header(name, matcher)));
            });
    match
        .queryParams()
        .forEach((name, text) -> all.add(new Condition.Query(name, TextMatcher.of(text, false))));
    return all;
  }

  private static void header(List<Condition> all, String name, StringMatch text) {
    if (!IGNORED.contains(name)) {
      all.add(new Condition.Header(name, TextMatcher.of(text, false)));
    }
  }

  static List<Condition> port(int port) {
    return List.of(new Condition.Port(port));
  }
}
