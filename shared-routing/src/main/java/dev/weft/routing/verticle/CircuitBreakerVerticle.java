package dev.weft.routing.verticle;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.CircuitBreaker.State;
import dev.weft.routing.snapshot.UpstreamRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes ejected endpoints back when their time is over, lets go of those that are gone, and tells
 * transitions: {@code breaker.opened}, {@code breaker.half-open}, {@code breaker.closed}, {@code
 * endpoint.ejected}, {@code endpoint.readmitted}. Other threads may report transitions.
 */
public final class CircuitBreakerVerticle extends VerticleBase
    implements UpstreamRegistry.Listener {

  private static final Logger LOG = LoggerFactory.getLogger(CircuitBreakerVerticle.class);
  private static final long SWEEP_MILLIS = 250;

  private @Nullable UpstreamRegistry registry;

  /** Whose endpoints to take back; to be called before it is deployed. */
  public void watch(UpstreamRegistry upstreams) {
    registry = upstreams;
  }

  @Override
  public Future<?> start() {
    UpstreamRegistry watched = Objects.requireNonNull(registry, "registry: none to watch");
    vertx.setPeriodic(SWEEP_MILLIS, tick -> watched.sweep());
    return Future.succeededFuture();
  }

  @Override
  public void breaker(ClusterName cluster, State state) {
    String address =
        switch (state) {
          case OPEN -> "breaker.opened";
          case HALF_OPEN -> "breaker.half-open";
          case CLOSED -> "breaker.closed";
        };
    if (state == State.OPEN) {
      LOG.warn("{}: circuit breaker open", cluster);
    } else {
      LOG.info("{}: circuit breaker {}", cluster, state);
    }
    vertx.eventBus().publish(address, new JsonObject().put("cluster", cluster.toString()));
  }

  @Override
  public void ejection(ClusterName cluster, Endpoint endpoint, boolean ejected) {
    LOG.warn("{}: endpoint {} {}", cluster, endpoint.address(), ejected ? "ejected" : "is back");
    vertx
        .eventBus()
        .publish(
            ejected ? "endpoint.ejected" : "endpoint.readmitted",
            new JsonObject()
                .put("cluster", cluster.toString())
                .put("endpoint", endpoint.address()));
  }
}
