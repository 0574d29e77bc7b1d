package dev.weft.routing.telemetry.tag;

import java.util.Collections;
import java.util.List;

/**
 * What a request had of that which configuration wants told of it. Immutable.
 *
 * @param expressions that were asked
 * @param values by the place of their expressions
 */
public record Tags(List<String> expressions, List<String> values) {

  /** Nothing was asked. */
  public static final Tags NONE = new Tags(List.of(), List.of());

  private static final String OVERFLOW = "overflow";

  /** Where there are too many values to tell them apart. */
  public Tags overflow() {
    return new Tags(expressions, Collections.nCopies(values.size(), OVERFLOW));
  }

  /** The value of an expression; {@code absent} where it was not asked then. */
  String value(String expression, String absent) {
    int at = expressions.indexOf(expression);
    return at < 0 ? absent : values.get(at);
  }
}
