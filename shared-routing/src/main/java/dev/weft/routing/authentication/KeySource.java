package dev.weft.routing.authentication;

import dev.weft.routing.authentication.jwt.JoseKeys;
import io.vertx.core.Future;
import java.util.Optional;

/** The keys of an issuer as they are now. Any thread may ask. */
public interface KeySource {

  /** Those known; empty where none were to be had so far. The same object until they change. */
  Optional<JoseKeys> now();

  /**
   * Asks for others than those tried, since a token is not signed by them. Completes on the event
   * loop that asked: with those known then, at once where they are others already, or where it is
   * too early to ask again.
   *
   * @param tried the same object that {@link #now} gave; empty where there were none
   */
  Future<Optional<JoseKeys>> others(Optional<JoseKeys> tried);

  /** Keys that stand in the configuration. */
  static KeySource fixed(JoseKeys keys) {
    return new KeySource() {
      @Override
      public Optional<JoseKeys> now() {
        return Optional.of(keys);
      }

      @Override
      public Future<Optional<JoseKeys>> others(Optional<JoseKeys> tried) {
        return Future.succeededFuture(now());
      }
    };
  }
}
