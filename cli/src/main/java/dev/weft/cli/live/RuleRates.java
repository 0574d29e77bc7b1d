package dev.weft.cli.live;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often the rules of proxies were chosen between two looks. */
final class RuleRates {

  private static final Count NONE = new Count(0, 0);

  private RuleRates() {}

  /**
   * Of one rule.
   *
   * @param failed with 500 or more, or without an answer
   */
  record Count(long requests, long failed) {

    Count plus(Count other) {
      return new Count(requests + other.requests, failed + other.failed);
    }

    /** What came after {@code earlier}; all where the proxy has begun anew. */
    Count minus(Count earlier) {
      return requests < earlier.requests || failed < earlier.failed
          ? this
          : new Count(requests - earlier.requests, failed - earlier.failed);
    }

    /** Percent that did not fail, 100 where there were none. */
    double success() {
      return requests == 0 ? 100 : 100.0 * (requests - failed) / requests;
    }
  }

  /** As {@code /dashboard/api/totals} of a proxy tells it; none of one that does not tell it. */
  static Map<String, Count> of(JsonObject totals) {
    Map<String, Count> all = new TreeMap<>();
    JsonObject rules = totals.getJsonObject("rules", new JsonObject());
    for (String name : rules.fieldNames()) {
      JsonArray one = rules.getJsonArray(name);
      all.put(name, new Count(one.getLong(0), one.getLong(1)));
    }
    return all;
  }

  /** What came since, of all proxies together, each beside what it told before. */
  static Map<String, Count> since(List<Map<String, Count>> earlier, List<Map<String, Count>> now) {
    Map<String, Count> all = new TreeMap<>();
    for (int i = 0; i < now.size(); i++) {
      Map<String, Count> before = earlier.get(i);
      now.get(i)
          .forEach(
              (rule, count) ->
                  all.merge(rule, count.minus(before.getOrDefault(rule, NONE)), Count::plus));
    }
    return all;
  }
}
