package dev.weft.config.model.balance;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * How a proxy asks endpoints by itself whether they are well. Istio has no field for it: it stands
 * in annotations of a DestinationRule, {@code weft.dev/health-check} and those that begin so.
 *
 * @param port where to ask; empty for the one that requests go to
 * @param interval from one check of an endpoint to the next, from 100 ms, default 10 s
 * @param timeout for all of a check, from 10 ms, default 1 s
 * @param unhealthyAfter failures in a row until it is out, default 3
 * @param healthyAfter successes in a row until it is back, default 2
 */
public record HealthCheck(
    Probe probe,
    OptionalInt port,
    Duration interval,
    Duration timeout,
    int unhealthyAfter,
    int healthyAfter) {

  /** What is asked. */
  public sealed interface Probe {
    /**
     * Well with a status of 200 to 399.
     *
     * @param host sent as authority; empty for the service's own
     */
    record Http(String path, String host) implements Probe {}

    /** Well when it takes a connection, the TLS handshake included. */
    record Tcp() implements Probe {}

    /**
     * Well when {@code grpc.health.v1.Health/Check} says SERVING.
     *
     * @param service empty for the server as a whole
     */
    record Grpc(String service) implements Probe {}
  }
}
