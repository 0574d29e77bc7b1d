package dev.weft.routing.route.match;

import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.StringMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Says in a few words what a rule asks of requests: {@code GET /api*, header end-user}. Of headers
 * and parameters only the names, since their values may be secrets.
 */
public final class MatchText {

  private static final int MOST = 3; // of a rule's matches

  private MatchText() {}

  /** Of all matches of a rule, one of which must hold. */
  public static String of(List<HttpMatch> matches) {
    if (matches.isEmpty()) {
      return "every request";
    }
    String told =
        matches.stream().limit(MOST).map(MatchText::one).collect(Collectors.joining(" or "));
    int more = matches.size() - MOST;
    return more > 0 ? told + " or " + more + " more" : told;
  }

  private static String one(HttpMatch match) {
    List<String> all = new ArrayList<>();
    String method = match.method().map(MatchText::text).orElse("");
    String path = match.uri().map(MatchText::text).orElse("");
    all.add(method.isEmpty() || path.isEmpty() ? method + path : method + " " + path);
    all.add(named("host ", match.authority()));
    all.add(named("scheme ", match.scheme()));
    new TreeSet<>(match.headers().keySet()).forEach(name -> all.add("header " + name));
    new TreeSet<>(match.withoutHeaders().keySet()).forEach(name -> all.add("not header " + name));
    new TreeSet<>(match.queryParams().keySet()).forEach(name -> all.add("query " + name));
    match.port().ifPresent(port -> all.add("port " + port));
    all.removeIf(String::isEmpty);
    return all.isEmpty() ? "every request" : String.join(", ", all);
  }

  private static String named(String name, Optional<StringMatch> match) {
    return match.map(text -> name + text(text)).orElse("");
  }

  /** As globs are written; an expression between slashes would look like a path. */
  private static String text(StringMatch match) {
    if (match instanceof StringMatch.Exact exact) {
      return exact.value();
    }
    if (match instanceof StringMatch.Prefix prefix) {
      return prefix.value() + "*";
    }
    return match instanceof StringMatch.Regex regex ? "regex " + regex.value() : "*";
  }
}
