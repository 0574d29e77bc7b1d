package dev.weft.routing.route;

import com.google.re2j.Pattern;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.HttpRoute.Rewrite;
import dev.weft.routing.exchange.RequestHead;
import java.util.List;
import java.util.Map;
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
    this.replacement = regex.map(HttpRoute.RegexRewrite::rewrite).map(Rewriter::java).orElse("");
    this.authority =
        rule.rewrite()
            .flatMap(Rewrite::authority)
            .or(() -> host(rule.headers().request().set()))
            .or(() -> host(rule.headers().request().add()));
    this.byDestination =
        destinations.stream().map(to -> host(to.headers().request().set())).toList();
  }

  private static Optional<String> host(Map<String, String> edits) {
    return Optional.ofNullable(edits.get(":authority"))
        .or(() -> Optional.ofNullable(edits.get("host")));
  }

  /** RE2's {@code \1} as re2j's {@code $1}. */
  private static String java(String text) {
    return text.replace("$", "\\$").replaceAll("\\\\(\\d)", "\\$$1");
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
    return pattern.get().matcher(head.path()).replaceAll(replacement);
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
