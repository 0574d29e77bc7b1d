package dev.weft.config.model.settings;

import java.util.List;

/**
 * Who may have an answer explained in its head.
 *
 * @param header whether anybody may
 * @param allow identities that may ask
 */
public record Explain(boolean header, List<String> allow) {

  /** What holds where nothing is said: nobody. */
  public static final Explain DEFAULT = new Explain(false, List.of());

  public Explain {
    allow = List.copyOf(allow);
  }
}
