package dev.weft.routing.cluster;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ConnectionPool;
import dev.weft.routing.exchange.ClusterName;

/**
 * What configuration says about a cluster.
 *
 * @param policy of the DestinationRule, its subset and port already applied
 */
public record UpstreamSettings(ClusterName name, TrafficPolicy policy, HttpChoice http) {

  /** Which HTTP goes out. */
  public enum HttpChoice {
    HTTP_1,
    HTTP_2,
    /** As it came in: nothing says what the service speaks. gRPC is always HTTP/2. */
    AS_CLIENT
  }

  public ConnectionPool connectionPool() {
    return policy.connectionPool().orElse(ConnectionPool.DEFAULT);
  }
}
