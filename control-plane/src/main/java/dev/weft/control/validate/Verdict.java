package dev.weft.control.validate;

import java.util.List;
import java.util.Optional;

/**
 * What the API server is told of an edit.
 *
 * @param refusal all that is wrong with it; empty where it may be made
 * @param warnings each on one line
 */
public record Verdict(Optional<String> refusal, List<String> warnings) {

  /** It may be made, and there is nothing to say. */
  public static final Verdict FINE = new Verdict(Optional.empty(), List.of());

  public Verdict {
    warnings = List.copyOf(warnings);
  }
}
