package dev.weft.control.webhook;

import dev.weft.control.validate.EditReview;
import dev.weft.control.validate.Verdict;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;

/**
 * {@code POST /validate}: refuses edits of the configuration that have errors. It has no effect of
 * its own, so that a dry run is answered as any other. One edit after the other is read, on a
 * thread of its own, so that what is applied never waits for what is asked; where too many wait,
 * the next ones go unchecked. Only the event loop that made it may enter.
 */
final class ValidateRoute {

  private static final int MOST_WAITING = 64; // the API server has given up on the last one by then

  private final EditReview review;
  private final WorkerExecutor worker;
  private int waiting;

  ValidateRoute(Vertx vertx, EditReview review) {
    this.review = review;
    this.worker = vertx.createSharedWorkerExecutor("weft-validate", 1);
  }

  void mount(Router router) {
    Reviews.mount(router, "/validate", this::reviewed);
  }

  private Future<JsonObject> reviewed(JsonObject request) {
    if (waiting >= MOST_WAITING) {
      return Future.failedFuture(waiting + " edits wait to be checked");
    }
    waiting++;
    return worker
        .executeBlocking(() -> response(review.review(request)))
        .onComplete(done -> waiting--);
  }

  private static JsonObject response(Verdict verdict) {
    JsonObject response = verdict.refusal().map(Reviews::refused).orElseGet(Reviews::allowed);
    return verdict.warnings().isEmpty()
        ? response
        : response.put("warnings", new JsonArray(verdict.warnings()));
  }
}
