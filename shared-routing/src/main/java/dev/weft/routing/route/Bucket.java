package dev.weft.routing.route;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.Condition;
import dev.weft.routing.route.match.QueryText;
import dev.weft.routing.route.match.TextMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Some entries of a virtual host, arranged so that the first that holds is found without trying
 * all: where many of them ask for an exact value of the same header, method or query parameter, by
 * that value. Gives the same answer as trying them in their order.
 */
sealed interface Bucket {

  /** The entry of the lowest order below {@code best} that holds; {@code best} where none does. */
  @Nullable Entry first(RequestHead head, Caller caller, @Nullable Entry best);

  /**
   * @param entries in their order
   */
  static Bucket of(List<Entry> entries) {
    if (entries.size() <= Scan.SHORT) {
      return new Scan(entries);
    }
    Optional<Key> key = mostShared(entries);
    if (key.isEmpty()) {
      return new Scan(entries);
    }
    Map<String, List<Entry>> byValue = new HashMap<>();
    List<Entry> rest = new ArrayList<>();
    for (Entry entry : entries) {
      Optional<String> value = key.get().exact(entry);
      if (value.isPresent()) {
        byValue.computeIfAbsent(value.get(), text -> new ArrayList<>()).add(entry);
      } else {
        rest.add(entry);
      }
    }
    if (byValue.size() < 2) {
      return new Scan(entries);
    }
    Map<String, Bucket> buckets = new HashMap<>();
    byValue.forEach((value, some) -> buckets.put(value, of(some)));
    return new ByValue(key.get(), Map.copyOf(buckets), of(rest));
  }

  private static Optional<Key> mostShared(List<Entry> entries) {
    Map<Key, Map<String, Integer>> values = new HashMap<>();
    Map<Key, Integer> users = new HashMap<>();
    for (Entry entry : entries) {
      for (Condition condition : entry.conditions()) {
        Key.of(condition)
            .ifPresent(
                key -> {
                  users.merge(key, 1, Integer::sum);
                  values
                      .computeIfAbsent(key, any -> new HashMap<>())
                      .merge(key.exact(entry).orElse(""), 1, Integer::sum);
                });
      }
    }
    Optional<Key> best = Optional.empty();
    int worth = Scan.SHORT;
    for (Map.Entry<Key, Integer> user : users.entrySet()) {
      int distinct = values.getOrDefault(user.getKey(), Map.of()).size();
      int saved = user.getValue() - user.getValue() / Math.max(1, distinct);
      if (saved > worth) {
        worth = saved;
        best = Optional.of(user.getKey());
      }
    }
    return best;
  }

  /** What entries are told apart by. */
  record Key(Kind kind, String name) {

    enum Kind {
      METHOD,
      AUTHORITY,
      HEADER,
      QUERY
    }

    static Optional<Key> of(Condition condition) {
      if (condition instanceof Condition.Header header && exact(header.matcher())) {
        return Optional.of(new Key(Kind.HEADER, header.name()));
      }
      if (condition instanceof Condition.Query query && exact(query.matcher())) {
        return Optional.of(new Key(Kind.QUERY, query.name()));
      }
      if (condition instanceof Condition.Part part && exact(part.matcher())) {
        return switch (part.which()) {
          case METHOD -> Optional.of(new Key(Kind.METHOD, ""));
          case AUTHORITY -> Optional.of(new Key(Kind.AUTHORITY, ""));
          case SCHEME -> Optional.empty();
        };
      }
      return Optional.empty();
    }

    private static boolean exact(TextMatcher matcher) {
      return matcher.exact().isPresent();
    }

    Optional<String> exact(Entry entry) {
      for (Condition condition : entry.conditions()) {
        if (of(condition).filter(this::equals).isPresent()) {
          return exactOf(condition);
        }
      }
      return Optional.empty();
    }

    private static Optional<String> exactOf(Condition condition) {
      if (condition instanceof Condition.Header header) {
        return header.matcher().exact();
      }
      if (condition instanceof Condition.Query query) {
        return query.matcher().exact();
      }
      return condition instanceof Condition.Part part ? part.matcher().exact() : Optional.empty();
    }

    @Nullable String value(RequestHead head) {
      return switch (kind) {
        case METHOD -> head.method();
        case AUTHORITY -> head.authority();
        case HEADER -> Condition.Header.value(head, name);
        case QUERY -> QueryText.value(head.query(), name);
      };
    }
  }

  /** Tries them in their order. */
  record Scan(List<Entry> entries) implements Bucket {

    /** So few are tried faster than looked up. */
    static final int SHORT = 4;

    public Scan {
      entries = List.copyOf(entries);
    }

    @Override
    public @Nullable Entry first(RequestHead head, Caller caller, @Nullable Entry best) {
      for (int i = 0; i < entries.size(); i++) {
        Entry entry = entries.get(i);
        if (best != null && entry.order() >= best.order()) {
          return best;
        }
        if (entry.holds(head, caller)) {
          return entry;
        }
      }
      return best;
    }
  }

  /** Tries those of the request's value, and those that do not ask for one. */
  record ByValue(Key key, Map<String, Bucket> byValue, Bucket rest) implements Bucket {
    @Override
    public @Nullable Entry first(RequestHead head, Caller caller, @Nullable Entry best) {
      String value = key.value(head);
      Bucket bucket = value == null ? null : byValue.get(value);
      Entry found = bucket == null ? best : bucket.first(head, caller, best);
      return rest.first(head, caller, found);
    }
  }
}
