package dev.weft.routing.snapshot.own;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.discovery.OwnService;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ClusterName.Direction;
import dev.weft.routing.exchange.Workload;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/**
 * The clusters of the own application, by its ports.
 *
 * @param workload that it is
 */
public record OwnApplication(Workload workload) {

  /**
   * @param reached ports by which callers know it
   * @param port that it listens on
   */
  public ClusterName name(MeshConfig config, Set<Integer> reached, int port) {
    return new ClusterName(Direction.INBOUND, OwnService.host(config, workload, reached), port, "");
  }

  /** By the port that was meant. Event loops ask. */
  public IntFunction<UpstreamSettings> byPort(MeshConfig config, TrafficPolicy policy) {
    Map<Integer, UpstreamSettings> known = new ConcurrentHashMap<>();
    return meant ->
        known.computeIfAbsent(
            meant,
            port ->
                new UpstreamSettings(
                    name(config, Set.of(port), port), policy, HttpChoice.AS_CLIENT));
  }
}
