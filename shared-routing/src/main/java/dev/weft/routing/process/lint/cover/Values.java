package dev.weft.routing.process.lint.cover;

import dev.weft.routing.process.lint.cover.Dimension.Kind;
import dev.weft.routing.route.match.TextMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Values of one part of a request that stand for all others: whatever the texts and beginnings that
 * some rules ask for tell apart, one of these is of its kind. What they ask for by expressions is
 * tried by some texts that these take.
 */
public final class Values {

  private static final List<String> WORDS =
      List.of("any", "other", "some", "x", "0", "Z", "_", "~9", "-q", "W7");
  private static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "REPORT");

  private static final int MOST_HOSTS = 20; // that begin with the same

  private final Dimension part;
  private final List<Demand> demands;
  private final Set<String> found = new LinkedHashSet<>();
  private boolean absent;
  private boolean whole = true;

  private Values(Dimension part, List<Demand> demands) {
    this.part = part;
    this.demands = demands;
  }

  /**
   * @param demands of all rules that are to be told apart
   * @return null among them where it may be absent; empty where some may be missing
   */
  public static Optional<List<@Nullable String>> of(
      Site site, Dimension part, List<Demand> demands) {
    Values values = new Values(part, demands);
    values.find(site);
    return values.whole ? Optional.of(values.sendable()) : Optional.empty();
  }

  /** Likewise, also where some are missing. */
  public static List<@Nullable String> some(Site site, Dimension part, List<Demand> demands) {
    Values values = new Values(part, demands);
    values.find(site);
    return values.sendable();
  }

  private List<@Nullable String> sendable() {
    List<@Nullable String> all = new ArrayList<>();
    if (absent) {
      all.add(null);
    }
    found.stream().filter(value -> sendable(part, value)).forEach(all::add);
    return all;
  }

  /** Those of them that a rule takes. */
  public static List<@Nullable String> taken(List<@Nullable String> all, List<Demand> demands) {
    List<@Nullable String> taken = new ArrayList<>();
    for (String value : all) {
      if (demands.stream().allMatch(demand -> demand.holds(value))) {
        taken.add(value);
      }
    }
    return taken;
  }

  private void find(Site site) {
    switch (part.kind()) {
      case PATH -> paths();
      case METHOD -> words(METHODS);
      case SCHEME ->
          found.addAll(
              site.vantage().mesh() ? List.of("http", "https") : List.of(site.vantage().scheme()));
      case AUTHORITY -> authorities(site);
      case PORT -> ports(site);
      case HEADER, QUERY -> {
        absent = true;
        words(WORDS);
      }
      case CLAIM -> absent = true; // no token is made up
    }
  }

  private void paths() {
    words(WORDS.stream().map(word -> "/" + word).toList());
    found.add("/");
  }

  private void ports(Site site) {
    if (site.vantage().mesh()) {
      words(List.of(Integer.toString(site.standardPort()), "18080", "19090"));
    } else {
      site.vantage().edge().ifPresent(edge -> found.add(Integer.toString(edge.port())));
    }
  }

  private void authorities(Site site) {
    String host = site.host();
    whole &= site.turned() || site.takes(host);
    found.add(site.authority());
    found.add(host);
    found.add(host + ":" + site.vantage().edge().map(Vantage.Edge::port).orElse(8080));
    found.add(host.toUpperCase(Locale.ROOT));
    for (Demand demand : demands) {
      exact(demand).ifPresent(found::add);
      prefix(demand).ifPresent(text -> begun(site, text));
    }
    found.removeIf(value -> !site.serves(value));
  }

  private void begun(Site site, String text) {
    List<String> hosts =
        site.rules().hosts().stream()
            .filter(one -> one.startsWith("*") || one.startsWith(lower(text)))
            .limit(MOST_HOSTS + 1)
            .toList();
    whole &= hosts.size() <= MOST_HOSTS;
    hosts.forEach(one -> found.add(one.startsWith("*") ? text + Site.name(one) : one));
  }

  /** A word that nothing asks for, then what is asked for, and what begins with it. */
  private void words(List<String> usual) {
    fresh("", usual);
    for (Demand demand : demands) {
      exact(demand).ifPresent(found::add);
      prefix(demand)
          .ifPresent(
              text -> {
                found.add(text);
                fresh(text, part.kind() == Kind.METHOD ? List.of("X", "Y", "Z", "Q") : WORDS);
              });
      if (demand.matcher() instanceof TextMatcher.Regex regex && !demand.negated()) {
        found.addAll(RegexSamples.of(regex.text()));
      }
    }
  }

  /** What begins with a text and nothing longer that is asked for. */
  private void fresh(String begin, List<String> words) {
    Optional<String> one =
        words.stream().map(word -> begin + word).filter(value -> unasked(begin, value)).findFirst();
    one.ifPresent(found::add);
    whole &= one.isPresent();
  }

  private boolean unasked(String begin, String value) {
    return demands.stream()
        .noneMatch(
            demand ->
                exact(demand).filter(text -> text.equalsIgnoreCase(value)).isPresent()
                    || prefix(demand)
                        .filter(text -> text.length() > begin.length())
                        .filter(text -> lower(value).startsWith(lower(text)))
                        .isPresent());
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static Optional<String> exact(Demand demand) {
    return demand.matcher() instanceof TextMatcher.Exact exact
        ? Optional.of(exact.value())
        : Optional.empty();
  }

  private static Optional<String> prefix(Demand demand) {
    return demand.matcher() instanceof TextMatcher.Prefix prefix
        ? Optional.of(prefix.value())
        : Optional.empty();
  }

  /** Whether a client can send it and a proxy sees it as it was sent. */
  private static boolean sendable(Dimension part, String value) {
    return switch (part.kind()) {
      case METHOD -> value.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
      case HEADER ->
          value.equals(value.strip()) && value.chars().allMatch(c -> c >= ' ' && c < 127);
      case PATH, SCHEME, AUTHORITY, PORT, QUERY, CLAIM -> true;
    };
  }
}
