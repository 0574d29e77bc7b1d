package dev.weft.control.webhook;

import dev.weft.control.issue.JsonErrors;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.Optional;

/**
 * What the questions of the API server have in common: a bound, and the form of an {@code
 * AdmissionReview}.
 *
 * <p>Source: admission.k8s.io/v1. Only the event loop of the exchange may enter.
 */
final class Reviews {

  private static final long MOST_BYTES = 4L << 20; // an object of the API server is 1.5 MiB at most
  private static final String VERSION = "admission.k8s.io/v1";
  private static final int INVALID = 422;
  private static final int UNREADABLE = 400;
  private static final int BUSY = 503;

  private Reviews() {}

  /** Answers the {@code request} of a review with its {@code response}, but for the uid. */
  @FunctionalInterface
  interface Reviewer {

    /** Fails with a sentence where it cannot be answered. */
    Future<JsonObject> review(JsonObject request);
  }

  static void mount(Router router, String path, Reviewer reviewer) {
    router
        .post(path)
        .handler(BodyHandler.create(false).setBodyLimit(MOST_BYTES))
        .handler(context -> answer(context, reviewer));
  }

  static JsonObject allowed() {
    return new JsonObject().put("allowed", true);
  }

  static JsonObject refused(String message) {
    return new JsonObject()
        .put("allowed", false)
        .put(
            "status",
            new JsonObject().put("code", INVALID).put("reason", "Invalid").put("message", message));
  }

  private static void answer(RoutingContext context, Reviewer reviewer) {
    Optional<JsonObject> request = request(context);
    if (request.isEmpty()) {
      JsonErrors.end(context, UNREADABLE, "the body is no AdmissionReview of " + VERSION);
      return;
    }
    String uid = request.get().getString("uid");
    reviewer
        .review(request.get())
        .onSuccess(response -> end(context, response.put("uid", uid)))
        .onFailure(cause -> JsonErrors.end(context, BUSY, String.valueOf(cause.getMessage())));
  }

  private static void end(RoutingContext context, JsonObject response) {
    if (!context.response().ended() && !context.response().closed()) {
      context.json(
          new JsonObject()
              .put("apiVersion", VERSION)
              .put("kind", "AdmissionReview")
              .put("response", response));
    }
  }

  private static Optional<JsonObject> request(RoutingContext context) {
    try {
      Buffer body = context.body().buffer();
      if (body == null) {
        return Optional.empty();
      }
      JsonObject review = new JsonObject(body);
      boolean known = VERSION.equals(review.getValue("apiVersion"));
      return known
              && review.getValue("request") instanceof JsonObject request
              && request.getValue("uid") instanceof String
          ? Optional.of(request)
          : Optional.empty();
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }
}
