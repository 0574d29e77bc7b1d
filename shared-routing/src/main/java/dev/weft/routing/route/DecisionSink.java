package dev.weft.routing.route;

import dev.weft.config.problem.Place;

/** Hears how a decision comes about, for an explanation; {@link #NONE} when serving. */
public interface DecisionSink {

  /** Hears nothing. */
  DecisionSink NONE = (rule, place, outcome) -> {};

  /**
   * A rule was tried, in the order in which rules count.
   *
   * @param rule as in {@code Decision.RouteId}
   * @param outcome empty when it was chosen, else why not
   */
  void tried(String rule, Place place, String outcome);

  /** Whether it wants to hear why a further rule was not chosen, which costs a text. */
  default boolean takesMore() {
    return true;
  }
}
