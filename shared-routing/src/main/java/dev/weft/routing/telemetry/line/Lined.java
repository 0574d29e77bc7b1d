package dev.weft.routing.telemetry.line;

import dev.weft.config.logging.Operator;
import java.time.Instant;
import java.util.Optional;

/** What of a request or connection can be told on a line. Any thread. */
public interface Lined {

  /** The value of an operator that takes nothing; empty for what there is none of. */
  default Optional<String> value(Operator operator) {
    return Optional.empty();
  }

  /** When it came. */
  Instant came();

  /** A header of the request, or {@code :method} and its like; empty where it was not noted. */
  default Optional<String> request(String name) {
    return Optional.empty();
  }

  /** A header of the answer; empty where it was not noted. */
  default Optional<String> response(String name) {
    return Optional.empty();
  }

  /** A trailer of the answer; empty where it was not noted. */
  default Optional<String> trailer(String name) {
    return Optional.empty();
  }
}
