package dev.weft.routing.admin.history;

import dev.weft.config.history.SourceChange;
import io.vertx.core.Future;

/** Whoever serves a configuration: the one way by which it is changed from an admin port. */
public interface Changing {

  /**
   * Makes a change, in its turn among all others, and serves what comes of it.
   *
   * @param cause for the history
   * @return done once it serves; fails as {@link SourceChange#on} does
   */
  Future<Void> change(SourceChange change, String cause);
}
