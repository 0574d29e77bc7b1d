package dev.weft.routing.process.lint.cover;

import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.Meta;
import dev.weft.config.problem.Place;

/**
 * One match of a rule, or a rule without one, where it is tried.
 *
 * @param order among those of its hosts; one that is not tried at all stands behind the others
 * @param name for people: {@code prod/shop#0}
 * @param field e.g. {@code spec.http[0].match[1]}
 */
public record Rule(
    int order, Meta service, HttpRoute rule, String name, String field, Place place, Demands asks) {

  /** For people: {@code prod/shop#0 (shop.yaml:9:13)}. */
  public String told() {
    return name + " (" + place + ")";
  }
}
