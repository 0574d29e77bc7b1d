package dev.weft.routing.authorization;

import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.model.security.AuthorizationPolicy.Values;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Finds the first rule that matches, as trying all in their order would. A rule that asks for
 * identities, accounts, namespaces or first segments of paths word for word, or for ends of paths,
 * is only tried for those, so that a thousand policies cost what those cost that could match.
 * Immutable.
 */
final class RuleIndex {

  private static final int[] NOTHING = {};
  private static final int MOST_LENGTHS = 16; // of ends: each is one look-up

  private final List<CompiledRule> rules;
  private final Map<Key, Map<String, int[]>> byKey = new EnumMap<>(Key.class);
  private final Map<String, int[]> byEnd;
  private final int[] endLengths;
  private final int[] others;
  private final Key[] used;

  /** What a rule may be found by, the most telling first. */
  private enum Key {
    PRINCIPAL,
    ACCOUNT,
    SEGMENT,
    NAMESPACE;

    private String of(Facts facts) {
      return switch (this) {
        case PRINCIPAL -> facts.principal();
        case ACCOUNT -> facts.account();
        case SEGMENT -> segment(facts.path(), 1);
        case NAMESPACE -> facts.namespace();
      };
    }
  }

  RuleIndex(List<CompiledRule> rules) {
    this.rules = List.copyOf(rules);
    Map<Key, Map<String, List<Integer>>> found = new EnumMap<>(Key.class);
    List<Integer> unkeyed = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      index(rules.get(i).source(), i, found, unkeyed);
    }
    found.forEach((key, all) -> byKey.put(key, packed(all)));
    Map<String, List<Integer>> ends = new HashMap<>();
    Set<Integer> lengths = new TreeSet<>();
    List<Integer> rest = new ArrayList<>();
    for (int position : unkeyed) {
      Set<String> words = ends(rules.get(position).source()).orElse(Set.of());
      Set<Integer> more = new TreeSet<>(lengths);
      words.forEach(word -> more.add(word.length()));
      if (words.isEmpty() || more.size() > MOST_LENGTHS) {
        rest.add(position);
      } else {
        lengths = more;
        put(ends, words, position);
      }
    }
    this.byEnd = packed(ends);
    this.endLengths = packed(List.copyOf(lengths));
    this.others = packed(rest);
    this.used = byKey.keySet().stream().sorted().toArray(Key[]::new);
  }

  private static void put(Map<String, List<Integer>> all, Set<String> words, int position) {
    words.forEach(word -> all.computeIfAbsent(word, any -> new ArrayList<>()).add(position));
  }

  private static Map<String, int[]> packed(Map<String, List<Integer>> all) {
    Map<String, int[]> packed = new HashMap<>();
    all.forEach((word, positions) -> packed.put(word, packed(positions)));
    return packed;
  }

  private static int[] packed(List<Integer> positions) {
    return positions.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void index(
      Rule rule, int position, Map<Key, Map<String, List<Integer>>> found, List<Integer> rest) {
    for (Key key : Key.values()) {
      Optional<Set<String>> words = words(rule, key);
      if (words.isPresent()) {
        put(found.computeIfAbsent(key, any -> new HashMap<>()), words.get(), position);
        return;
      }
    }
    rest.add(position);
  }

  /** All values with which the rule can match; empty where there are others. */
  private static Optional<Set<String>> words(Rule rule, Key key) {
    return switch (key) {
      case PRINCIPAL -> exact(rule.from(), source -> source.principals());
      case ACCOUNT -> exact(rule.from(), source -> source.serviceAccounts());
      case NAMESPACE -> exact(rule.from(), source -> source.namespaces());
      case SEGMENT -> all(rule.to(), operation -> operation.paths(), RuleIndex::first);
    };
  }

  /** The ends of all paths that the rule can match; empty where there are others. */
  private static Optional<Set<String>> ends(Rule rule) {
    return all(
        rule.to(),
        operation -> operation.paths(),
        word ->
            word.length() > 1 && word.charAt(0) == '*' && word.indexOf('{') < 0
                ? Optional.of(word.substring(1))
                : Optional.empty());
  }

  private static <T> Optional<Set<String>> exact(List<T> alternatives, Function<T, Values> field) {
    return all(
        alternatives, field, word -> word.indexOf('*') < 0 ? Optional.of(word) : Optional.empty());
  }

  private static <T> Optional<Set<String>> all(
      List<T> alternatives, Function<T, Values> field, Function<String, Optional<String>> key) {
    Set<String> words = new LinkedHashSet<>();
    for (T alternative : alternatives) {
      List<String> in = field.apply(alternative).in();
      if (in.isEmpty()) {
        return Optional.empty();
      }
      for (String word : in) {
        Optional<String> one = key.apply(word);
        if (one.isEmpty()) {
          return Optional.empty();
        }
        words.add(one.get());
      }
    }
    return words.isEmpty() ? Optional.empty() : Optional.of(words);
  }

  /** The first segment of all paths that a word matches; empty where there are several. */
  private static Optional<String> first(String word) {
    int star = word.indexOf('*');
    int brace = word.indexOf('{');
    int open = star < 0 ? brace : brace < 0 ? star : Math.min(star, brace);
    int slash = word.indexOf('/', 1);
    boolean settled = open < 0 || (slash > 0 && slash < open);
    return word.startsWith("/") && settled ? Optional.of(segment(word, 1)) : Optional.empty();
  }

  private static String segment(String path, int from) {
    int slash = path.indexOf('/', from);
    return path.length() < from ? "" : path.substring(from, slash < 0 ? path.length() : slash);
  }

  List<CompiledRule> rules() {
    return rules;
  }

  /** What the first rule that matches says; else {@code otherwise}. */
  Verdict find(Facts facts, Verdict otherwise) {
    int best = first(others, facts, rules.size());
    for (Key key : used) {
      Map<String, int[]> all = byKey.get(key);
      int[] positions = all == null ? NOTHING : all.getOrDefault(key.of(facts), NOTHING);
      best = first(positions, facts, best);
    }
    String path = endLengths.length == 0 ? "" : facts.path();
    for (int length : endLengths) {
      if (length <= path.length()) {
        String end = path.substring(path.length() - length);
        best = first(byEnd.getOrDefault(end, NOTHING), facts, best);
      }
    }
    return best < rules.size() ? rules.get(best).verdict() : otherwise;
  }

  /** The first of these that matches before {@code best}; else that. */
  private int first(int[] positions, Facts facts, int best) {
    for (int position : positions) {
      if (position >= best) {
        return best;
      }
      if (rules.get(position).matches(facts)) {
        return position;
      }
    }
    return best;
  }
}
