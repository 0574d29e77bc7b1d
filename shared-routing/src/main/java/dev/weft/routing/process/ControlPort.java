package dev.weft.routing.process;

import dev.weft.routing.admin.AdminApi;
import dev.weft.routing.admin.AdminGuard;
import dev.weft.routing.admin.control.ControlAdmin;
import dev.weft.routing.verticle.Listening;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.Set;

/** {@code --control-admin}: where the control plane asks what the admin API tells. */
final class ControlPort {

  private ControlPort() {}

  /** Opens {@code port} for {@code api}, where it is wanted; once there is an identity. */
  static Future<Void> open(Vertx vertx, ProxyOptions options, AdminApi api, ControlAdmin port) {
    Optional<HostPort> wanted = options.controlAdmin();
    if (wanted.isEmpty()) {
      return Future.succeededFuture();
    }
    HostPort at = wanted.get();
    return port.open(vertx, at.host(), at.port(), api.router(new AdminGuard(Set.of(at.host()))))
        .recover(
            cause ->
                Future.failedFuture(
                    Listening.refused("--control-admin", at.host(), at.port(), cause)));
  }
}
