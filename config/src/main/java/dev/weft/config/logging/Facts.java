package dev.weft.config.logging;

import java.util.Optional;
import java.util.OptionalDouble;

/** What is known of a request or connection that ended, for a {@link Condition}. */
public interface Facts {

  /** A number, or milliseconds; empty where there is none. */
  OptionalDouble number(Attribute attribute);

  /** A text; empty where there is none. */
  Optional<String> text(Attribute attribute);

  /** Whether it is so; empty where nobody can say. */
  Optional<Boolean> truth(Attribute attribute);

  /**
   * A header of the request or of the answer.
   *
   * @param name in lower case
   */
  Optional<String> header(Attribute attribute, String name);

  /** A number that was drawn for this line, from 0 to below 100. */
  double drawn();
}
