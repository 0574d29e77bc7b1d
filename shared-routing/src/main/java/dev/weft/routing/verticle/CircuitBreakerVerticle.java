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

  /** Event bus address of breakers that hold requests back now. */
  public static final String OPENED = "breaker.opened";

  /** Event bus address of breakers that let probes through. */
  public static final String HALF_OPEN = "breaker.half-open";

  /** Event bus address of breakers that let everything through again. */
  public static final String CLOSED = "breaker.closed";

  /** Event bus address of endpoints that get nothing for a while. */
  public static final String EJECTED = "endpoint.ejected";

  /** Event bus address of endpoints that are back. */
  public static final String READMITTED = "endpoint.readmitted";

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
          case OPEN -> OPENED;
          case HALF_OPEN -> HALF_OPEN;
          case CLOSED -> CLOSED;
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
            ejected ? EJECTED : READMITTED,
            new JsonObject()
                .put("cluster", cluster.toString())
                .put("endpoint", endpoint.address()));
  }
}
