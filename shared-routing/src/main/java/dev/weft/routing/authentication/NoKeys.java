package dev.weft.routing.authentication;

import dev.weft.routing.authentication.jwt.JoseKeys;
import io.vertx.core.Future;
import java.util.Optional;

/** None, ever. */
final class NoKeys implements KeySource {

  @Override
  public Optional<JoseKeys> now() {
    return Optional.empty();
  }

  @Override
  public Future<Optional<JoseKeys>> others(Optional<JoseKeys> tried) {
    return Future.succeededFuture(now());
  }
}
