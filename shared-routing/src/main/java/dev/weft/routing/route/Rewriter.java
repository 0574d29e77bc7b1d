package dev.weft.routing.route;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.HttpRoute.Rewrite;
import dev.weft.routing.exchange.RequestHead;
import java.util.List;
import java.util.Optional;

/**
 * Path and authority that go out. Costs nothing where a rule rewrites nothing.
 *
 * <p>Source: Istio {@code HTTPRewrite}; {@code host} or {@code :authority} among a rule's or a
 * destination's request headers rewrites the authority too, the destination's only where the rule
 * does not.
 */
final class Rewriter {

  private final Optional<String> uri;
  private final Optional<Pattern> pattern;
  private final String replacement;
  private final Optional<String> authority;
  private final List<Optional<String>> byDestination;

  Rewriter(HttpRoute rule, List<WeightedDestination> destinations) {
    this.uri = rule.rewrite().flatMap(Rewrite::uri);
    Optional<HttpRoute.RegexRewrite> regex = rule.rewrite().flatMap(Rewrite::regex);
    this.pattern = regex.map(HttpRoute.RegexRewrite::match).map(Pattern::compile);
    this.replacement = regex.map(HttpRoute.RegexRewrite::rewrite).orElse("");
    this.authority =
        rule.rewrite().flatMap(Rewrite::authority).or(() -> rule.headers().request().authority());
    this.byDestination =
        destinations.stream().map(to -> to.headers().request().authority()).toList();
  }

  String target(RequestHead head, int prefix) {
    if (uri.isEmpty() && pattern.isEmpty()) {
      return head.target();
    }
    String path = uri.isPresent() ? replaced(head, prefix, uri.get()) : replaced(head);
    String absolute = path.startsWith("/") ? path : "/" + path;
    return head.query().isEmpty() ? absolute : absolute + "?" + head.query();
  }

  /** The path with its prefix, or all of it, replaced. */
  static String replaced(RequestHead head, int prefix, String by) {
    return prefix < 0 ? by : by + head.path().substring(prefix);
  }

  private String replaced(RequestHead head) {
    String path = head.path();
    Matcher found = pattern.get().matcher(path);
    StringBuilder text = new StringBuilder(path.length());
    int from = 0;
    while (found.find()) {
      text.append(path, from, found.start());
      expand(text, found);
      from = found.end();
    }
    return text.append(path, from, path.length()).toString();
  }

  /**
   * Appends the replacement: {@code \\0} to {@code \\9} are groups, {@code \\\\} is a backslash.
   */
  private void expand(StringBuilder text, Matcher found) {
    for (int i = 0; i < replacement.length(); i++) {
      char c = replacement.charAt(i);
      if (c == '\\' && i + 1 < replacement.length()) {
        i++;
        int group = replacement.charAt(i) - '0';
        boolean known = group >= 0 && group <= found.groupCount();
        String part = known ? found.group(group) : replacement.substring(i, i + 1);
        text.append(part == null ? "" : part);
      } else {
        text.append(c);
      }
    }
  }

  /**
   * @param destination index of the drawn one; -1 for none
   */
  String authority(RequestHead head, int destination) {
    if (authority.isPresent()) {
      return authority.get();
    }
    return destination < 0
        ? head.authority()
        : byDestination.get(destination).orElse(head.authority());
  }
}
