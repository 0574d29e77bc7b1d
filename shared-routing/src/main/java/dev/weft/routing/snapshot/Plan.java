package dev.weft.routing.snapshot;

import java.util.Map;
import java.util.Optional;

/**
 * Which places a process serves, fixed by its flags.
 *
 * @param inbound ports of the own application by the listening port in front of it: a sidecar's
 * @param mesh whether the rules of the mesh are served: a sidecar's outbound port, or a gateway's
 *     {@code --listen}
 * @param gateway whether Gateway resources that select this workload are served
 * @param intercepts whether connections are redirected here, whoever they are for
 */
public record Plan(
    Map<Integer, Application> inbound,
    boolean mesh,
    boolean gateway,
    Optional<Unknown> intercepts) {

  /** What becomes of a request that was going where no service is known. */
  public enum Unknown {
    /** It goes there. */
    ALLOW_ANY,
    REGISTRY_ONLY
  }

  public Plan {
    inbound = Map.copyOf(inbound);
  }

  /** Without interception. */
  public Plan(Map<Integer, Application> inbound, boolean mesh, boolean gateway) {
    this(inbound, mesh, gateway, Optional.empty());
  }

  /** Where the own application listens. */
  public record Application(String host, int port) {}

  /**
   * A port of a gateway and all servers on it.
   *
   * @param bind address; empty for all
   */
  public record Port(String bind, int number, PortServers servers) {}
}
