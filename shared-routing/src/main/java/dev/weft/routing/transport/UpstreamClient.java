package dev.weft.routing.transport;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;

/** Sends attempts over the connections that one event loop owns. Only that loop may enter. */
public interface UpstreamClient {

  /**
   * Sends one attempt: the exchange's outgoing head and body, to one endpoint.
   *
   * <p>It registers with {@link Exchange#onCancel} for as long as it lives. An attempt that is
   * given up by its caller (a per-try timeout) is cancelled through {@code attempt}.
   *
   * @return the response's head; fails with a {@code ProxyFailure} whose cause tells whether the
   *     endpoint may have seen the request: CONNECT_REFUSED, CONNECT_TIMEOUT, UPSTREAM_TLS,
   *     UPSTREAM_IDENTITY, NO_CERTIFICATE, OVERFLOW and REFUSED_STREAM mean that it did not
   */
  Future<Response> send(
      Exchange exchange, UpstreamSettings settings, Endpoint endpoint, Attempt attempt);

  /** One try among those of an exchange, to be given up from outside. */
  interface Attempt {
    /** Says how to reset this attempt; runs at once if it was given up already. */
    void resetWith(Runnable reset);

    /**
     * All of a request that has a body is on its way to the endpoint, whose answer has not begun.
     */
    default void sent() {}
  }
}
