package dev.weft.routing.exchange;

import io.vertx.core.Future;

/** What answers an exchange: a chain of stages, and at its end an upstream. */
@FunctionalInterface
public interface Service {

  /**
   * Answers, on the event loop that called.
   *
   * @return the response's head, its body still paused; fails with a {@link ProxyFailure} only
   */
  Future<Response> serve(Exchange exchange);
}
