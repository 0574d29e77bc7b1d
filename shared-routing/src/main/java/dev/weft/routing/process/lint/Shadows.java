package dev.weft.routing.process.lint;

import dev.weft.config.problem.Codes;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.process.lint.cover.Cover;
import dev.weft.routing.process.lint.cover.Demand;
import dev.weft.routing.process.lint.cover.Demands;
import dev.weft.routing.process.lint.cover.Effort;
import dev.weft.routing.process.lint.cover.Rule;
import dev.weft.routing.process.lint.cover.Site;
import dev.weft.routing.process.lint.cover.Wider;
import dev.weft.routing.route.match.TextMatcher;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rules that lose all of their requests to earlier ones, or a part of them by what is most likely a
 * mistake: a prefix that was meant as a folder, and two VirtualServices of which the older one
 * counts first. What stands above the general rule because it is more special is as it should be.
 */
final class Shadows {

  private final Site site;
  private final Findings findings;
  private final Cover cover;
  private final Wider wider;
  private final Set<String> contested = new HashSet<>();

  /**
   * @param tried all rules of the site, in their order
   */
  Shadows(Site site, List<Rule> tried, Findings findings, Effort effort) {
    this.site = site;
    this.findings = findings;
    this.cover = new Cover(site, effort);
    this.wider = new Wider(tried, effort);
  }

  void check(Rule rule) {
    List<Rule> wide = wider.before(rule.order(), rule.asks());
    Optional<Cover.Taken> taken =
        cover.of(rule, wide).filter(one -> goes(one.example(), one.taker()));
    if (taken.isPresent()) {
      whole(rule, taken.get());
      return;
    }
    findings.tried(Codes.UNREACHABLE, rule);
    for (Rule by : wide) {
      if (!sameEnd(rule, by)) {
        if (folder(rule, by)) {
          part(
              rule,
              by,
              plainText(by),
              "write the prefix with a slash at its end, or move this one above it");
        } else if (contests(rule, by)) {
          part(
              rule,
              by,
              "since it counts first, by age and then by name",
              "write all rules for a host into one VirtualService, in the order that is meant");
        }
      }
    }
  }

  private void whole(Rule rule, Cover.Taken taken) {
    String goes = taken.example().told() + " goes to " + taken.taker().told();
    boolean several = taken.by().size() > 1;
    findings.claimed(
        Codes.UNREACHABLE,
        rule,
        "no request gets here: "
            + taken.by().stream().limit(4).map(Rule::told).collect(Collectors.joining(", "))
            + (several ? " take them together; e.g. " : " takes them; e.g. ")
            + (several ? goes : taken.example().told()),
        several ? "remove it, or move it above them" : "remove it, or move it above that one",
        goes);
  }

  /** Whether the decision function sends a request to a rule. */
  private boolean goes(Asked asked, Rule rule) {
    return site.vantage().decide(asked, 0).route().name().equals(rule.name());
  }

  private void part(Rule rule, Rule by, String why, String hint) {
    cover.asked(List.of(by.asks(), rule.asks()), List.of()).stream()
        .filter(asked -> goes(asked, by))
        .findFirst()
        .ifPresent(
            asked ->
                findings.add(
                    Codes.PARTLY_SHADOWED,
                    rule.place(),
                    rule.field(),
                    by.told() + " takes some of its requests, " + why + ": e.g. " + asked.told(),
                    hint));
  }

  private static String plainText(Rule by) {
    String prefix = by.asks().path().map(Shadows::text).orElse("");
    return "since its prefix " + prefix + " is plain text";
  }

  /** Whether it does not matter which of them a request goes to. */
  private static boolean sameEnd(Rule one, Rule other) {
    return one.rule().place().equals(other.rule().place())
        || (one.rule().action().equals(other.rule().action())
            && one.rule().rewrite().equals(other.rule().rewrite()));
  }

  /** Whether the one's prefix ends within a segment of the other's path, as folders never do. */
  private static boolean folder(Rule rule, Rule by) {
    String wide =
        by.asks().path().filter(TextMatcher.Prefix.class::isInstance).map(Shadows::text).orElse("");
    String narrow = rule.asks().path().map(Shadows::text).orElse("");
    int end = wide.length();
    return end - wide.lastIndexOf('/') > 2
        && narrow.length() > end
        && narrow.startsWith(wide)
        && Character.isLetterOrDigit(wide.charAt(end - 1))
        && narrow.charAt(end) != '/';
  }

  private static String text(TextMatcher path) {
    if (path instanceof TextMatcher.Exact exact && !exact.ignoreCase()) {
      return exact.value();
    }
    return path instanceof TextMatcher.Prefix prefix && !prefix.ignoreCase() ? prefix.value() : "";
  }

  /** Whether they are of two resources, and neither is the special case of the other. */
  private boolean contests(Rule rule, Rule by) {
    boolean resources =
        !site.vantage().mesh()
            && !rule.service().equals(by.service())
            && !by.asks().conditions().isEmpty()
            && !rule.asks().conditions().isEmpty();
    return resources
        && !special(by.asks(), rule.asks())
        && contested.add(by.service().qualifiedName() + " " + rule.service().qualifiedName());
  }

  /** Whether the one asks for all that the other asks for. */
  private static boolean special(Demands one, Demands other) {
    return other.parts().stream()
        .allMatch(
            part ->
                other.of(part).stream()
                    .allMatch(asked -> one.of(part).stream().anyMatch(own -> implies(own, asked))));
  }

  private static boolean implies(Demand own, Demand asked) {
    boolean tried =
        own.only().filter(asked::holds).isPresent()
            || (!own.negated() && asked.matcher() instanceof TextMatcher.Any && !asked.negated());
    return tried || own.sameAs(asked) || Objects.equals(own, asked) || begins(own, asked);
  }

  private static boolean begins(Demand own, Demand asked) {
    return !own.negated()
        && !asked.negated()
        && Wider.covers(Optional.of(asked.matcher()), own.matcher())
        && asked.matcher() instanceof TextMatcher.Prefix;
  }
}
