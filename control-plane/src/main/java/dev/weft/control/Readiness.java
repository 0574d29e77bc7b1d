package dev.weft.control;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * What a kubelet asks, on the port of the proxies and without a certificate: {@code GET /ready} is
 * 200 once all ports take connections, {@code GET /healthz} as soon as one does.
 *
 * <p>Belongs to one event loop.
 */
final class Readiness {

  private static final int WELL = 200;
  private static final int NOT_YET = 503;

  private boolean ready;

  void mount(Router router) {
    router.get("/ready").handler(context -> answer(context, ready ? WELL : NOT_YET));
    router.get("/healthz").handler(context -> answer(context, WELL));
  }

  /** From now on. */
  void ready() {
    ready = true;
  }

  private static void answer(RoutingContext context, int status) {
    context.response().setStatusCode(status).end();
  }
}
