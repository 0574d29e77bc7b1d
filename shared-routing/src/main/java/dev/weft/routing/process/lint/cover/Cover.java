package dev.weft.routing.process.lint.cover;

import dev.weft.routing.route.match.TextMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether some rules together take all that another would. It tries one request of each kind that
 * they can tell apart: where each of them is taken, all are. What an expression takes is known only
 * where there is one text to try, or where both ask for the same one.
 */
public final class Cover {

  private static final int MOST_KINDS = 2_000;

  private final Site site;
  private final Effort effort;

  /**
   * @param effort that it may take
   */
  public Cover(Site site, Effort effort) {
    this.site = site;
    this.effort = effort;
  }

  /**
   * Who takes the requests of a rule.
   *
   * @param example one of them, which {@code taker} takes
   */
  public record Taken(Set<Rule> by, Asked example, Rule taker) {}

  /**
   * @param wide rules whose paths take whatever its path takes, in their order
   * @return empty where some requests are left, or where it is not known
   */
  public Optional<Taken> of(Rule rule, List<Rule> wide) {
    if (rule.asks().claims()) {
      return Optional.empty();
    }
    List<Rule> usable = wide.stream().filter(one -> usable(rule.asks(), one.asks())).toList();
    if (usable.isEmpty()) {
      return Optional.empty();
    }
    if (leaves(rule, usable)) {
      return Optional.empty();
    }
    return values(rule.asks(), usable).flatMap(values -> taken(rule, usable, kinds(values)));
  }

  /** Most rules are told so by the first request that is tried. */
  private boolean leaves(Rule rule, List<Rule> usable) {
    long pairs = (long) usable.size() * usable.size(); // of values, should it not be so
    return !effort.allows(usable.size() + pairs / 8)
        || asked(List.of(rule.asks()), List.of()).stream()
            .limit(1)
            .anyMatch(one -> usable.stream().noneMatch(by -> by.asks().holds(one)));
  }

  private Optional<Taken> taken(Rule rule, List<Rule> usable, List<Map<Dimension, String>> kinds) {
    Set<Rule> by = new LinkedHashSet<>();
    Optional<Asked> example = Optional.empty();
    for (Map<Dimension, String> kind : kinds) {
      Optional<Asked> asked = site.ask(kind).filter(rule.asks()::holds);
      if (asked.isEmpty()) {
        continue;
      }
      if (!effort.allows(usable.size())) {
        return Optional.empty();
      }
      Optional<Rule> first =
          usable.stream().filter(one -> one.asks().holds(asked.get())).findFirst();
      if (first.isEmpty()) {
        return Optional.empty();
      }
      by.add(first.get());
      example = example.or(() -> asked);
    }
    return example.map(one -> new Taken(by, one, by.iterator().next()));
  }

  /** Whether what the other asks for can be told from the values that are tried. */
  private static boolean usable(Demands asks, Demands other) {
    if (other.claims()) {
      return false;
    }
    for (Dimension part : other.parts()) {
      boolean one = part.equals(Dimension.PATH) || asks.only(part).isPresent();
      List<Demand> own = asks.of(part);
      if (!one && other.of(part).stream().anyMatch(demand -> !known(own, demand))) {
        return false;
      }
    }
    return true;
  }

  private static boolean known(List<Demand> own, Demand other) {
    boolean port = other.matcher() instanceof TextMatcher.Prefix one && one.value().contains(":");
    boolean tried = own.stream().noneMatch(Demand::regex) && !other.regex() && !port;
    return tried
        || (other.matcher() instanceof TextMatcher.Any)
        || own.stream().anyMatch(other::sameAs);
  }

  /** The values of each part that the rule takes; empty where some are not known. */
  private Optional<Map<Dimension, List<@Nullable String>>> values(Demands asks, List<Rule> others) {
    Set<Dimension> parts = new LinkedHashSet<>(asks.parts());
    others.forEach(other -> parts.addAll(other.asks().parts()));
    parts.remove(Dimension.PATH);
    Optional<String> path = path(asks);
    if (path.isEmpty()) {
      return Optional.empty();
    }
    Map<Dimension, List<@Nullable String>> all = new LinkedHashMap<>();
    all.put(Dimension.PATH, List.of(path.get()));
    for (Dimension part : parts) {
      List<Demand> demands = new ArrayList<>(asks.of(part));
      others.forEach(other -> demands.addAll(other.asks().of(part)));
      Optional<List<@Nullable String>> values = Values.of(site, part, demands);
      List<@Nullable String> taken =
          values.map(found -> Values.taken(found, asks.of(part))).orElse(List.of());
      if (taken.isEmpty()) {
        return Optional.empty();
      }
      all.put(part, taken);
    }
    return Optional.of(all);
  }

  /** One of each kind of request; none where they are too many. */
  private List<Map<Dimension, String>> kinds(Map<Dimension, List<@Nullable String>> values) {
    long number = values.values().stream().mapToLong(List::size).reduce(1, (a, b) -> a * b);
    if (number > MOST_KINDS || !effort.allows(number)) {
      effort.leaveOut();
      return List.of();
    }
    List<Map<Dimension, String>> kinds = List.of(Map.of());
    for (Map.Entry<Dimension, List<@Nullable String>> one : values.entrySet()) {
      kinds = product(kinds, one.getKey(), one.getValue());
    }
    return kinds;
  }

  private static List<Map<Dimension, String>> product(
      List<Map<Dimension, String>> kinds, Dimension part, List<@Nullable String> values) {
    List<Map<Dimension, String>> all = new ArrayList<>(kinds.size() * values.size());
    for (Map<Dimension, String> kind : kinds) {
      for (String value : values) {
        Map<Dimension, String> more = new LinkedHashMap<>(kind);
        if (value != null) {
          more.put(part, value);
        }
        all.add(more);
      }
    }
    return all;
  }

  /** A path that a rule takes; empty where none was found. */
  public Optional<String> path(Demands asks) {
    List<Demand> demands = asks.of(Dimension.PATH);
    if (demands.isEmpty()) {
      return Optional.of("/");
    }
    return Values.of(site, Dimension.PATH, demands).stream()
        .flatMap(all -> Values.taken(all, demands).stream())
        .filter(value -> value != null)
        .map(String::valueOf)
        .findFirst();
  }

  /**
   * Requests that all of some rules take, the simplest first.
   *
   * @param others that are avoided where that is possible
   */
  public List<Asked> asked(List<Demands> together, List<Rule> others) {
    Set<Dimension> parts = new LinkedHashSet<>();
    together.forEach(one -> parts.addAll(one.parts()));
    List<Map<Dimension, String>> kinds = new ArrayList<>(List.of(Map.of()));
    for (Dimension part : parts) {
      List<Demand> own = new ArrayList<>();
      together.forEach(one -> own.addAll(one.of(part)));
      List<Demand> all = new ArrayList<>(own);
      others.forEach(other -> all.addAll(other.asks().of(part)));
      List<@Nullable String> taken = Values.taken(Values.some(site, part, all), own);
      kinds = product(kinds, part, taken.subList(0, Math.min(6, taken.size())));
      if (kinds.size() > MOST_KINDS) {
        return List.of();
      }
    }
    return kinds.stream()
        .flatMap(kind -> site.ask(kind).stream())
        .filter(asked -> together.stream().allMatch(one -> one.holds(asked)))
        .toList();
  }
}
