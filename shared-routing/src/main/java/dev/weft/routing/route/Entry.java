package dev.weft.routing.route;

import dev.weft.config.problem.Place;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.Condition;
import java.util.List;

/**
 * One match of one rule: all conditions must hold. A rule without a match has one entry without
 * conditions.
 *
 * @param order among the entries of its virtual host; the lowest that holds wins
 * @param prefix length of the path's prefix that a rewrite replaces; -1 where it replaces the whole
 *     path
 */
public record Entry(
    int order, List<Condition> conditions, CompiledRoute route, int prefix, Place place) {

  public Entry {
    conditions = List.copyOf(conditions);
  }

  boolean holds(RequestHead head, Caller caller) {
    for (int i = 0; i < conditions.size(); i++) {
      if (!conditions.get(i).holds(head, caller)) {
        return false;
      }
    }
    return true;
  }

  /** Why not, by the first condition that does not hold; empty where all do. */
  String refusal(RequestHead head, Caller caller) {
    for (Condition condition : conditions) {
      if (!condition.holds(head, caller)) {
        return condition.refusal(head, caller);
      }
    }
    return "";
  }

  boolean catchAll() {
    return conditions.isEmpty();
  }

  Entry at(int newOrder) {
    return new Entry(newOrder, conditions, route, prefix, place);
  }
}
