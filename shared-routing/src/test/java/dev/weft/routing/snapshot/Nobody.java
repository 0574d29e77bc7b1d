package dev.weft.routing.snapshot;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.CircuitBreaker;

/** Where nothing of an upstream may change. */
final class Nobody implements UpstreamRegistry.Listener {
  @Override
  public void breaker(ClusterName cluster, CircuitBreaker.State state) {
    throw new AssertionError(cluster + " changed to " + state);
  }

  @Override
  public void ejection(ClusterName cluster, Endpoint endpoint, boolean ejected) {
    throw new AssertionError(cluster + " ejected " + endpoint.address());
  }
}
