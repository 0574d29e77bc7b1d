package dev.weft.config.validate;

import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.StringMatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds an earlier match that takes whatever a later one would: its path is the same or a prefix of
 * it, and it asks for nothing that the later one does not ask for. Looks at each prefix of a path
 * once, and at the first few matches of each.
 */
final class Covered {

  private static final int MOST_COMPARED = 20;
  private static final StringMatch ANY_PATH = new StringMatch.Prefix("");

  private final Map<StringMatch, List<By>> byPath = new HashMap<>();

  /** A match and the index of its rule. */
  record By(int rule, HttpMatch match) {}

  /** One that stands before {@code match} and takes its requests. */
  Optional<By> of(HttpMatch match) {
    StringMatch path = path(match);
    Optional<By> same = among(path, match);
    if (same.isPresent() || path.equals(ANY_PATH)) {
      return same;
    }
    String text = text(path);
    for (int length = 0; length <= text.length(); length++) {
      Optional<By> by = among(new StringMatch.Prefix(text.substring(0, length)), match);
      if (by.isPresent()) {
        return by;
      }
    }
    return Optional.empty();
  }

  void add(int rule, HttpMatch match) {
    List<By> there = byPath.computeIfAbsent(path(match), any -> new ArrayList<>());
    if (there.size() < MOST_COMPARED) {
      there.add(new By(rule, match));
    }
  }

  /** The path that a match asks for; any where it asks for none. */
  static StringMatch path(HttpMatch match) {
    StringMatch path = match.uri().orElse(ANY_PATH);
    boolean any =
        path.equals(new StringMatch.Prefix("/")) || path.equals(new StringMatch.Regex(".*"));
    return any ? ANY_PATH : path;
  }

  private static String text(StringMatch path) {
    if (path instanceof StringMatch.Exact exact) {
      return exact.value();
    }
    return path instanceof StringMatch.Prefix prefix ? prefix.value() : "";
  }

  private Optional<By> among(StringMatch path, HttpMatch match) {
    return byPath.getOrDefault(path, List.of()).stream()
        .filter(by -> takes(by.match, match, path.equals(ANY_PATH)))
        .findFirst();
  }

  private static boolean takes(HttpMatch wide, HttpMatch narrow, boolean anyPath) {
    return (anyPath || wide.ignoreUriCase() == narrow.ignoreUriCase())
        && within(wide.method(), narrow.method())
        && within(wide.scheme(), narrow.scheme())
        && within(wide.authority(), narrow.authority())
        && (wide.port().isEmpty() || wide.port().equals(narrow.port()))
        && named(wide, narrow)
        && places(wide, narrow);
  }

  private static boolean named(HttpMatch wide, HttpMatch narrow) {
    return within(wide.headers(), narrow.headers())
        && within(wide.withoutHeaders(), narrow.withoutHeaders())
        && within(wide.queryParams(), narrow.queryParams())
        && within(wide.sourceLabels(), narrow.sourceLabels());
  }

  private static boolean places(HttpMatch wide, HttpMatch narrow) {
    String from = wide.sourceNamespace();
    boolean sources = from.isEmpty() || from.equals(narrow.sourceNamespace());
    boolean all = wide.gateways().isEmpty();
    boolean gateways =
        all == narrow.gateways().isEmpty()
            && (all || wide.gateways().containsAll(narrow.gateways()));
    return sources && gateways;
  }

  private static boolean within(Optional<StringMatch> wide, Optional<StringMatch> narrow) {
    return wide.isEmpty() || wide.equals(narrow);
  }

  private static <V> boolean within(Map<String, V> wide, Map<String, V> narrow) {
    return narrow.entrySet().containsAll(wide.entrySet());
  }
}
