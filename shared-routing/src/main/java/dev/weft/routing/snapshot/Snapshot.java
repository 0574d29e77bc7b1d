package dev.weft.routing.snapshot;

import dev.weft.config.model.MeshConfig;
import java.util.List;
import java.util.Map;

/**
 * What serves: compiled from one checked configuration, never changed, published by one volatile
 * write. A request keeps the snapshot that it began with. Endpoints are not in it.
 *
 * @param version from 1, in the order of publishing
 * @param mesh rules of the mesh, by this workload's view
 * @param inbound by listening port
 * @param gateway by the port of a gateway; several servers of a port are one
 * @param ports of the gateway, to be open
 */
public record Snapshot(
    long version,
    MeshConfig config,
    Routing mesh,
    Map<Integer, Fixed> inbound,
    Map<Integer, Routing> gateway,
    List<Plan.Port> ports) {

  public Snapshot {
    inbound = Map.copyOf(inbound);
    gateway = Map.copyOf(gateway);
    ports = List.copyOf(ports);
  }
}
