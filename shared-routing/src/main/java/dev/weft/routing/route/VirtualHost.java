package dev.weft.routing.route;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.Condition;
import dev.weft.routing.route.match.TextMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rules of one host in the order in which they count, indexed by path. Immutable. */
final class VirtualHost {

  private static final String UNTOLD = "it does not match";

  private final List<Entry> entries;
  private final Map<String, Bucket> exact;
  private final PrefixIndex prefixes;
  private final Bucket others;

  /**
   * @param unordered in the order in which they count; catch-alls are moved to the end
   */
  VirtualHost(List<Entry> unordered) {
    this.entries = ordered(unordered);
    Map<String, List<Entry>> byPath = new HashMap<>();
    Map<String, List<Entry>> byPrefix = new HashMap<>();
    List<Entry> rest = new ArrayList<>();
    for (Entry entry : entries) {
      Optional<TextMatcher> path = path(entry);
      if (path.orElse(null) instanceof TextMatcher.Exact value && !value.ignoreCase()) {
        byPath.computeIfAbsent(value.value(), text -> new ArrayList<>()).add(entry);
      } else if (path.orElse(null) instanceof TextMatcher.Prefix value && !value.ignoreCase()) {
        byPrefix.computeIfAbsent(value.value(), text -> new ArrayList<>()).add(entry);
      } else {
        rest.add(entry);
      }
    }
    Map<String, Bucket> buckets = new HashMap<>();
    byPath.forEach((value, some) -> buckets.put(value, Bucket.of(some)));
    this.exact = Map.copyOf(buckets);
    this.prefixes = new PrefixIndex(byPrefix);
    this.others = Bucket.of(rest);
  }

  private static List<Entry> ordered(List<Entry> all) {
    List<Entry> ordered = new ArrayList<>(all.size());
    all.stream().filter(entry -> !entry.catchAll()).forEach(e -> ordered.add(e.at(ordered.size())));
    all.stream().filter(Entry::catchAll).forEach(e -> ordered.add(e.at(ordered.size())));
    return List.copyOf(ordered);
  }

  private static Optional<TextMatcher> path(Entry entry) {
    return entry.conditions().stream()
        .filter(Condition.Path.class::isInstance)
        .map(condition -> ((Condition.Path) condition).matcher())
        .findFirst();
  }

  /** The first entry that holds; null where none does. */
  @Nullable Entry find(RequestHead head, Caller caller) {
    Bucket bucket = exact.get(head.path());
    Entry found = bucket == null ? null : bucket.first(head, caller, null);
    found = prefixes.first(head, caller, found);
    return others.first(head, caller, found);
  }

  /** In the order in which they count. */
  List<Entry> entries() {
    return entries;
  }

  Set<CompiledRoute> routes() {
    return entries.stream().map(Entry::route).collect(Collectors.toSet());
  }

  /** As {@link #find}, one by one, telling why each was not chosen. */
  @Nullable Entry explain(RequestHead head, Caller caller, DecisionSink sink) {
    for (Entry entry : entries) {
      String refusal =
          sink.takesMore() || entry.holds(head, caller) ? entry.refusal(head, caller) : UNTOLD;
      sink.tried(entry.route().id().name(), entry.place(), refusal);
      if (refusal.isEmpty()) {
        return entry;
      }
    }
    return null;
  }
}
