package dev.weft.routing.verticle;

import dev.weft.routing.clock.Timers;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.CircuitBreaker.State;
import dev.weft.routing.snapshot.UpstreamRegistry;
import dev.weft.routing.transport.EndpointProbe;
import dev.weft.routing.transport.UpstreamCredentials;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes ejected endpoints back when their time is over, lets go of those that are gone, asks those
 * that are to be asked whether they are well, and tells transitions: {@code breaker.opened}, {@code
 * breaker.half-open}, {@code breaker.closed}, {@code endpoint.ejected}, {@code
 * endpoint.readmitted}, {@code endpoint.unhealthy}, {@code endpoint.healthy}. Other threads may
 * report transitions.
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

  /** Event bus address of endpoints that fail their health check now. */
  public static final String UNHEALTHY = "endpoint.unhealthy";

  /** Event bus address of endpoints that pass their health check again. */
  public static final String HEALTHY = "endpoint.healthy";

  private static final Logger LOG = LoggerFactory.getLogger(CircuitBreakerVerticle.class);
  private static final long SWEEP_MILLIS = 250;

  private final UpstreamCredentials credentials;
  private @Nullable UpstreamRegistry registry;
  private @Nullable EndpointProbe probe;
  private @Nullable HealthChecker checker;

  /**
   * @param credentials with which endpoints are asked whether they are well
   */
  public CircuitBreakerVerticle(UpstreamCredentials credentials) {
    this.credentials = credentials;
  }

  /** Whose endpoints to take back; to be called before it is deployed. */
  public void watch(UpstreamRegistry upstreams) {
    registry = upstreams;
  }

  @Override
  public Future<?> start() {
    UpstreamRegistry watched = Objects.requireNonNull(registry, "registry: none to watch");
    VertxTimers timers = new VertxTimers(vertx);
    SplittableRandom chance = new SplittableRandom();
    HealthChecker checking =
        new HealthChecker(
            (endpoint, check, authority, http2) ->
                probe(timers).ask(endpoint, check, authority, http2),
            timers,
            chance::nextDouble,
            this::checked);
    checker = checking;
    vertx.setPeriodic(
        SWEEP_MILLIS,
        tick -> {
          watched.sweep();
          checking.look(watched.all());
        });
    return Future.succeededFuture();
  }

  /** Made when the first one is asked: most proxies ask nobody. */
  private EndpointProbe probe(Timers timers) {
    EndpointProbe asking = probe;
    if (asking == null) {
      asking = new EndpointProbe(vertx, credentials, timers);
      probe = asking;
    }
    return asking;
  }

  private void checked(Upstream upstream, Endpoint endpoint, boolean well, String why) {
    if (well) {
      LOG.info("{}: endpoint {} passes its health check", upstream.name(), endpoint.address());
    } else {
      LOG.warn(
          "{}: endpoint {} fails its health check: {}", upstream.name(), endpoint.address(), why);
    }
    JsonObject event =
        new JsonObject()
            .put("cluster", upstream.name().toString())
            .put("endpoint", endpoint.address());
    vertx.eventBus().publish(well ? HEALTHY : UNHEALTHY, well ? event : event.put("why", why));
  }

  @Override
  public Future<?> stop() {
    HealthChecker checking = checker;
    if (checking != null) {
      checking.stop();
    }
    EndpointProbe asking = probe;
    return asking == null ? Future.succeededFuture() : asking.close();
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
