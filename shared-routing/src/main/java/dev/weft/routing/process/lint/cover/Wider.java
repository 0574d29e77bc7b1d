package dev.weft.routing.process.lint.cover;

import dev.weft.routing.route.match.TextMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds rules whose paths take whatever a rule's path takes: by each beginning of it once, and of
 * many rules with one path those alone that ask for no other exact value. Of what is left only so
 * many are given.
 */
public final class Wider {

  private static final int MOST = 200; // of one path
  private static final int FEW = 100;

  private final Group none = new Group();
  private final List<Rule> rules;
  private final Effort effort;
  private final Map<String, Group> exact = new HashMap<>();
  private final Map<String, Group> prefixes =
      new HashMap<>(); // and the literal ones of expressions
  private final Group others = new Group();

  /** Rules of one path, by an exact value that they ask for. */
  private static final class Group {
    private final List<Integer> all = new ArrayList<>();
    private final List<Integer> open = new ArrayList<>();
    private final Map<Dimension, Map<String, List<Integer>>> keyed = new HashMap<>();

    void add(int position, Demands asks) {
      all.add(position);
      for (Dimension part : asks.parts()) {
        Optional<String> only = part.equals(Dimension.PATH) ? Optional.empty() : asks.only(part);
        if (only.isPresent()) {
          keyed
              .computeIfAbsent(part, any -> new HashMap<>())
              .computeIfAbsent(only.get(), any -> new ArrayList<>())
              .add(position);
          return;
        }
      }
      open.add(position);
    }
  }

  /**
   * @param rules in their order
   */
  public Wider(List<Rule> rules, Effort effort) {
    this.rules = rules;
    this.effort = effort;
    for (int i = 0; i < rules.size(); i++) {
      Demands asks = rules.get(i).asks();
      TextMatcher path = asks.path().orElse(new TextMatcher.Prefix("", false));
      if (path instanceof TextMatcher.Exact one && !one.ignoreCase()) {
        exact.computeIfAbsent(one.value(), any -> new Group()).add(i, asks);
      } else if (path instanceof TextMatcher.Prefix one && !one.ignoreCase()) {
        prefixes.computeIfAbsent(one.value(), any -> new Group()).add(i, asks);
      } else if (path instanceof TextMatcher.Regex one) {
        prefixes.computeIfAbsent(one.literal(), any -> new Group()).add(i, asks);
      } else {
        others.add(i, asks);
      }
    }
  }

  /** Those before an order, in their order. */
  public List<Rule> before(int order, Demands asks) {
    Set<Integer> found = new TreeSet<>();
    TextMatcher path = asks.path().orElse(new TextMatcher.Prefix("", false));
    String begin = begin(path);
    for (int length = 0; length <= begin.length(); length++) {
      take(prefixes.getOrDefault(begin.substring(0, length), none), asks, found);
    }
    if (path instanceof TextMatcher.Exact one && !one.ignoreCase()) {
      take(exact.getOrDefault(one.value(), none), asks, found);
    }
    take(others, asks, found);
    return found.stream()
        .map(rules::get)
        .filter(rule -> rule.order() < order && covers(rule.asks().path(), path))
        .toList();
  }

  private void take(Group group, Demands asks, Set<Integer> found) {
    if (group.all.size() <= FEW) {
      found.addAll(group.all);
      return;
    }
    take(group.open, found);
    for (Dimension part : asks.parts()) {
      Map<String, List<Integer>> byValue = group.keyed.getOrDefault(part, Map.of());
      asks.only(part).ifPresent(value -> take(byValue.getOrDefault(value, List.of()), found));
    }
  }

  private void take(List<Integer> some, Set<Integer> found) {
    found.addAll(some.subList(0, Math.min(MOST, some.size())));
    if (some.size() > MOST) {
      effort.leaveOut();
    }
  }

  /** What all texts that it takes begin with. */
  private static String begin(TextMatcher path) {
    if (path instanceof TextMatcher.Exact one) {
      return one.ignoreCase() ? "" : one.value();
    }
    if (path instanceof TextMatcher.Prefix one) {
      return one.ignoreCase() ? "" : one.value();
    }
    return path instanceof TextMatcher.Regex one ? one.literal() : "";
  }

  /** Whether the one takes, as far as can be known, whatever the other takes. */
  public static boolean covers(Optional<TextMatcher> wide, TextMatcher narrow) {
    if (wide.isEmpty()) {
      return true;
    }
    TextMatcher by = wide.get();
    if (narrow instanceof TextMatcher.Exact one && !one.ignoreCase()) {
      return by.matches(one.value());
    }
    if (by instanceof TextMatcher.Prefix prefix) {
      return prefix.ignoreCase()
          ? lower(begin(narrow, true)).startsWith(lower(prefix.value()))
          : begin(narrow).startsWith(prefix.value());
    }
    return new Demand(by, false).sameAs(new Demand(narrow, false));
  }

  private static String begin(TextMatcher path, boolean anyCase) {
    if (anyCase && path instanceof TextMatcher.Exact one) {
      return one.value();
    }
    return anyCase && path instanceof TextMatcher.Prefix one ? one.value() : begin(path);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
