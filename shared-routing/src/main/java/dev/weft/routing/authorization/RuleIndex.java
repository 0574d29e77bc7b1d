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
import java.util.function.Function;

/**
 * Finds the first rule that matches, as trying all in their order would. A rule that asks for
 * identities, accounts, namespaces or first segments of paths word for word is only tried for
 * those, so that a thousand policies cost what those cost that could match. Immutable.
 */
final class RuleIndex {

  private static final int[] NOTHING = {};

  private final List<CompiledRule> rules;
  private final Map<Key, Map<String, int[]>> byKey = new EnumMap<>(Key.class);
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
    List<Integer> rest = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      index(rules.get(i).source(), i, found, rest);
    }
    found.forEach(
        (key, all) -> {
          Map<String, int[]> packed = new HashMap<>();
          all.forEach((word, positions) -> packed.put(word, packed(positions)));
          byKey.put(key, packed);
        });
    this.others = packed(rest);
    this.used = byKey.keySet().stream().sorted().toArray(Key[]::new);
  }

  private static int[] packed(List<Integer> positions) {
    return positions.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void index(
      Rule rule, int position, Map<Key, Map<String, List<Integer>>> found, List<Integer> rest) {
    for (Key key : Key.values()) {
      Optional<Set<String>> words = words(rule, key);
      if (words.isPresent()) {
        Map<String, List<Integer>> all = found.computeIfAbsent(key, any -> new HashMap<>());
        words
            .get()
            .forEach(word -> all.computeIfAbsent(word, any -> new ArrayList<>()).add(position));
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
