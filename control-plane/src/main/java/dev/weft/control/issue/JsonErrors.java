package dev.weft.control.issue;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the control plane answers where it does not do what was asked, on every path: {@code
 * {"error":"SENTENCE"}}. Only the event loop of the exchange may enter.
 */
public final class JsonErrors {

  private static final Logger LOG = LoggerFactory.getLogger(JsonErrors.class);
  private static final int FAILED = 500;
  private static final Map<Integer, String> SENTENCES =
      Map.of(
          400,
          "the request cannot be read",
          404,
          "there is no such path",
          405,
          "the path does not take this method",
          406,
          "the answer is JSON, which the caller does not accept",
          413,
          "the body is too large",
          415,
          "the body is of another type (expected: application/json)",
          FAILED,
          "the control plane failed");

  private JsonErrors() {}

  /** A router without routes, whose own refusals are of this form too. */
  public static Router router(Vertx vertx) {
    Router router = Router.router(vertx);
    SENTENCES.forEach(
        (status, sentence) ->
            router.errorHandler(
                status,
                context -> {
                  if (status == FAILED) {
                    LOG.error("{} failed", context.request().path(), context.failure());
                  }
                  end(context, status, sentence);
                }));
    return router;
  }

  /** Ends an exchange, unless its answer has begun. */
  public static void end(RoutingContext context, int status, String sentence) {
    if (!context.response().headWritten()) {
      context
          .response()
          .setStatusCode(status)
          .putHeader("content-type", "application/json")
          .end(new JsonObject().put("error", sentence).encode());
    }
  }
}
