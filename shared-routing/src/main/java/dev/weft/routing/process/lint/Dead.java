package dev.weft.routing.process.lint;

import dev.weft.config.problem.Codes;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.process.lint.cover.Cover;
import dev.weft.routing.process.lint.cover.Demand;
import dev.weft.routing.process.lint.cover.Dimension;
import dev.weft.routing.process.lint.cover.Dimension.Kind;
import dev.weft.routing.process.lint.cover.Effort;
import dev.weft.routing.process.lint.cover.Rule;
import dev.weft.routing.process.lint.cover.Site;
import dev.weft.routing.process.lint.cover.Values;
import dev.weft.routing.route.match.TextMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Matches that no request can meet, whatever stands above them. */
final class Dead {

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE");

  private final Site site;
  private final Findings findings;
  private final Cover cover;

  Dead(Site site, Findings findings, Effort effort) {
    this.site = site;
    this.findings = findings;
    this.cover = new Cover(site, effort);
  }

  void check(Rule rule) {
    if (rule.asks().claims()) {
      findings.tried(Codes.DEAD, rule);
      return;
    }
    Optional<Dimension> part =
        rule.asks().parts().stream().filter(one -> dead(rule, one)).findFirst();
    Optional<Asked> near = part.flatMap(one -> near(rule, one));
    if (near.isPresent()) {
      String told = near.get().told() + " " + site.vantage().outcome(near.get()).told();
      findings.claimed(
          Codes.DEAD, rule, why(rule, part.get()) + "; e.g. " + told, hint(part.get()), told);
    } else {
      findings.tried(Codes.DEAD, rule);
    }
  }

  private boolean dead(Rule rule, Dimension part) {
    List<Demand> demands = rule.asks().of(part);
    if (lower(part, demands).isPresent()) {
      return true;
    }
    if (excluded(demands)) {
      return true;
    }
    boolean unknown = demands.stream().anyMatch(one -> one.regex() || port(part, one));
    if (unknown) {
      return false;
    }
    List<@Nullable String> taken = taken(part, demands);
    return part.equals(Dimension.PATH)
        ? taken.stream().noneMatch(value -> asked(rule, value))
        : taken.isEmpty();
  }

  private List<@Nullable String> taken(Dimension part, List<Demand> demands) {
    List<@Nullable String> unknown = new ArrayList<>();
    unknown.add(null);
    return Values.of(site, part, demands).map(all -> Values.taken(all, demands)).orElse(unknown);
  }

  /** Whether a client can send the path so that it is read as it is meant. */
  private boolean asked(Rule rule, @Nullable String path) {
    return path == null
        || path.equals("*")
        || site.ask(Map.of(Dimension.PATH, path))
            .filter(
                one -> rule.asks().path().filter(by -> by.matches(one.head().path())).isPresent())
            .isPresent();
  }

  /** A part of an authority's port is one of many. */
  private static boolean port(Dimension part, Demand demand) {
    return part.equals(Dimension.AUTHORITY)
        && demand.matcher() instanceof TextMatcher.Prefix prefix
        && prefix.value().contains(":");
  }

  /** Whether one and the same is asked for and excluded. */
  private static boolean excluded(List<Demand> demands) {
    return demands.stream()
        .filter(Demand::negated)
        .anyMatch(
            not ->
                demands.stream()
                    .filter(one -> !one.negated())
                    .anyMatch(
                        one ->
                            not.matcher() instanceof TextMatcher.Any
                                || not.sameAs(new Demand(one.matcher(), true))));
  }

  /** A method that nobody writes so. */
  private static Optional<String> lower(Dimension part, List<Demand> demands) {
    return part.equals(Dimension.METHOD)
        ? demands.stream()
            .flatMap(one -> one.only().stream())
            .filter(text -> !METHODS.contains(text))
            .map(text -> text.toUpperCase(Locale.ROOT))
            .filter(METHODS::contains)
            .findFirst()
        : Optional.empty();
  }

  /** The request that comes nearest to what is asked for. */
  private Optional<Asked> near(Rule rule, Dimension dead) {
    Map<Dimension, String> values = new LinkedHashMap<>();
    for (Dimension part : rule.asks().parts()) {
      List<Demand> demands = rule.asks().of(part);
      if (part.equals(dead)) {
        nearest(part, demands).ifPresent(value -> put(values, part, value));
      } else {
        first(rule, part).ifPresent(value -> values.put(part, value));
      }
    }
    Optional<Asked> whole = site.ask(values);
    if (whole.isEmpty()) {
      values.remove(dead);
    }
    return whole.or(() -> site.ask(values)).filter(asked -> !rule.asks().holds(asked));
  }

  /** What a path has behind a question mark is sent as a query. */
  private static void put(Map<Dimension, String> values, Dimension part, String value) {
    int query = part.equals(Dimension.PATH) ? value.indexOf('?') : -1;
    values.put(part, query < 0 ? value : value.substring(0, query));
    for (String pair :
        query < 0 ? List.<String>of() : List.of(value.substring(query + 1).split("&", -1))) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      values.put(new Dimension(Kind.QUERY, name), equals < 0 ? "" : pair.substring(equals + 1));
    }
  }

  private Optional<String> first(Rule rule, Dimension part) {
    if (part.equals(Dimension.PATH)) {
      return cover.path(rule.asks());
    }
    List<@Nullable String> taken = taken(part, rule.asks().of(part));
    return taken.isEmpty() ? Optional.empty() : Optional.ofNullable(taken.get(0));
  }

  private Optional<String> nearest(Dimension part, List<Demand> demands) {
    Optional<String> upper = lower(part, demands);
    if (upper.isPresent()) {
      return upper;
    }
    List<Demand> wanted = demands.stream().filter(one -> !one.negated()).toList();
    Optional<String> text = wanted.stream().flatMap(one -> shown(one).stream()).findFirst();
    if (part.equals(Dimension.PATH)) {
      return text.map(path -> path.startsWith("/") ? path : "/" + path);
    }
    boolean sent = part.kind() == Kind.HEADER || part.kind() == Kind.QUERY;
    return sent
        ? taken(part, wanted).stream()
            .filter(value -> value != null)
            .map(String::valueOf)
            .findFirst()
        : Optional.empty();
  }

  private static Optional<String> shown(Demand demand) {
    if (demand.matcher() instanceof TextMatcher.Exact exact) {
      return Optional.of(exact.value());
    }
    return demand.matcher() instanceof TextMatcher.Prefix prefix
        ? Optional.of(prefix.value())
        : Optional.empty();
  }

  private static String why(Rule rule, Dimension part) {
    List<Demand> demands = rule.asks().of(part);
    String shown = demands.stream().flatMap(one -> shown(one).stream()).findFirst().orElse("");
    if (lower(part, demands).isPresent()) {
      return "methods are compared as they are written, and nobody writes " + shown;
    }
    return "no request can get here: "
        + switch (part.kind()) {
          case PATH -> "no path is " + shown;
          case METHOD -> "no method is " + shown;
          case SCHEME -> "none comes in over " + shown;
          case AUTHORITY -> "the hosts of its VirtualService have no authority " + shown;
          case PORT -> "no server of its gateways has port " + shown;
          case HEADER, QUERY, CLAIM -> "what it asks of " + part.told() + " excludes itself";
        };
  }

  private static String hint(Dimension part) {
    return switch (part.kind()) {
      case PATH ->
          "a path begins with /, has no query, no dot segments, and of several slashes one";
      case METHOD -> "write a method as it is sent, e.g. GET";
      case SCHEME -> "write http or https, as a server of the gateway takes it";
      case AUTHORITY -> "write one of the hosts, or add it to hosts";
      case PORT -> "write the port of a server";
      case HEADER, QUERY, CLAIM -> "remove one of the two";
    };
  }
}
