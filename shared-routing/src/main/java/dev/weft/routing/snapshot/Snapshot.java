package dev.weft.routing.snapshot;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.settings.Settings;
import dev.weft.routing.discovery.Said;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.snapshot.explain.Explaining;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What serves: compiled from one checked configuration, never changed, published by one volatile
 * write. A request keeps the snapshot that it began with. Endpoints are not in it.
 *
 * @param version from 1, in the order of publishing
 * @param mesh rules of the mesh, by this workload's view
 * @param inbound by listening port
 * @param redirection of connections; empty where none are redirected
 * @param gateway by the port of a gateway
 * @param ports of the gateway, to be open
 * @param said of this workload, whatever its endpoints are
 * @param explaining who may have an answer explained
 * @param held whether a destination that does not exist has its former target for now; to be
 *     compiled again after {@link #HOLD}
 */
public record Snapshot(
    long version,
    MeshConfig config,
    Routing mesh,
    Map<Integer, Service> inbound,
    Optional<Redirection> redirection,
    Map<Integer, PortRouting> gateway,
    List<Plan.Port> ports,
    Said said,
    Explaining explaining,
    boolean held) {

  /** For how long a destination that does not exist (yet) keeps its last working target. */
  public static final Duration HOLD = LastTargets.HOLD;

  public Snapshot {
    inbound = Map.copyOf(inbound);
    gateway = Map.copyOf(gateway);
    ports = List.copyOf(ports);
  }

  /** Of this workload. */
  public Settings settings() {
    return said.settings();
  }

  /** The same rules of a configuration that says the same but for endpoints. */
  Snapshot of(MeshConfig same) {
    return new Snapshot(
        version, same, mesh, inbound, redirection, gateway, ports, said, explaining, held);
  }
}
