package dev.weft.routing.route;

import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.StringMatch;
import dev.weft.config.model.security.ClaimPath;
import dev.weft.routing.route.match.Condition;
import dev.weft.routing.route.match.Condition.Part;
import dev.weft.routing.route.match.Condition.Part.Which;
import dev.weft.routing.route.match.TextMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The conditions of a match that depend on the request; the cheapest first. */
public final class Conditions {

  private static final Set<StringMatch> ANY =
      Set.of(new StringMatch.Prefix(""), new StringMatch.Prefix("/"), new StringMatch.Regex(".*"));

  private Conditions() {}

  /**
   * @param mesh whether the rules are those of the mesh, and not of a gateway
   */
  public static List<Condition> of(HttpMatch match, boolean mesh) {
    List<Condition> all = new ArrayList<>();
    match.method().ifPresent(m -> all.add(new Part(Which.METHOD, TextMatcher.of(m, false))));
    match
        .uri()
        .filter(uri -> !ANY.contains(uri))
        .ifPresent(uri -> all.add(new Condition.Path(TextMatcher.of(uri, match.ignoreUriCase()))));
    match.scheme().ifPresent(m -> all.add(new Part(Which.SCHEME, TextMatcher.of(m, false))));
    match.authority().ifPresent(m -> all.add(new Part(Which.AUTHORITY, TextMatcher.of(m, false))));
    match.port().ifPresent(port -> all.add(port(port, mesh)));
    headers(match.headers()).forEach(all::add);
    headers(match.withoutHeaders()).forEach(one -> all.add(new Condition.WithoutHeader(one)));
    claims(match.headers()).forEach(all::add);
    claims(match.withoutHeaders()).forEach(one -> all.add(new Condition.WithoutClaim(one)));
    match
        .queryParams()
        .forEach((name, text) -> all.add(new Condition.Query(name, TextMatcher.of(text, false))));
    return all;
  }

  private static List<Condition.Header> headers(Map<String, StringMatch> wanted) {
    return wanted.entrySet().stream()
        .filter(one -> !HttpMatch.NO_HEADERS.contains(one.getKey()))
        .filter(one -> !ClaimPath.meant(one.getKey()))
        .map(one -> new Condition.Header(one.getKey(), TextMatcher.of(one.getValue(), false)))
        .toList();
  }

  private static List<Condition.Claim> claims(Map<String, StringMatch> wanted) {
    List<Condition.Claim> all = new ArrayList<>();
    wanted.forEach(
        (key, match) ->
            ClaimPath.parse(key)
                .ifPresent(
                    path ->
                        all.add(new Condition.Claim(path.names(), TextMatcher.of(match, false)))));
    return all;
  }

  static Condition port(int port, boolean mesh) {
    return mesh ? new Condition.DestinationPort(port) : new Condition.ListenerPort(port);
  }
}
