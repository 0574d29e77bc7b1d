package dev.weft.config.model.settings;

import java.time.Duration;
import java.util.Optional;

/** What tells one user of a sticky rule from another; without it each request is drawn anew. */
public sealed interface StickyKey {

  /**
   * @param name in lower case
   */
  record Header(String name) implements StickyKey {}

  /**
   * Set where there is none.
   *
   * @param ttl empty for a session's
   */
  record Cookie(String name, Optional<Duration> ttl) implements StickyKey {}
}
