package dev.weft.routing.snapshot;

import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.cluster.ApplicationPorts;
import java.util.Map;
import java.util.Optional;

/** Plans of sidecars to which connections are redirected. */
final class Intercepting {

  private Intercepting() {}

  /**
   * @param gateway whether it is a gateway, too
   */
  static Plan plan(boolean gateway, Unknown unknown) {
    ApplicationPorts ports = new ApplicationPorts(new SystemTicker(), false);
    return new Plan(
        Map.of(),
        true,
        gateway,
        Optional.of(new Plan.Intercepts(unknown, Plan.Sockets.USUAL, ports)));
  }
}
