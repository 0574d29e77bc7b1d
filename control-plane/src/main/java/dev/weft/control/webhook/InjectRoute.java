package dev.weft.control.webhook;

import dev.weft.control.inject.Choice;
import dev.weft.control.inject.Injection;
import dev.weft.control.inject.InjectionRefused;
import dev.weft.control.inject.Injector;
import dev.weft.control.issue.JsonErrors;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * {@code POST /inject/namespace} and {@code /inject/pod}: puts sidecars into pods as they are made,
 * of namespaces that ask for them, or where the pod does so itself. The API server knows the
 * namespace's labels and tells only the pod's. It has no effect of its own, so that a dry run is
 * answered as any other.
 *
 * <p>Source: {@code AdmissionReview}, admission.k8s.io/v1. Only the event loop of the exchange may
 * enter.
 */
final class InjectRoute {

  private static final long MOST_BYTES = 4L << 20; // an object of the API server is 1.5 MiB at most
  private static final String VERSION = "admission.k8s.io/v1";
  private static final int INVALID = 422;
  private static final int UNREADABLE = 400;

  private final Injector injector;

  InjectRoute(Injector injector) {
    this.injector = injector;
  }

  void mount(Router router) {
    mount(router, "/inject/namespace", Optional.of(true));
    mount(router, "/inject/pod", Optional.empty());
  }

  private void mount(Router router, String path, Optional<Boolean> namespace) {
    router
        .post(path)
        .handler(BodyHandler.create(false).setBodyLimit(MOST_BYTES))
        .handler(context -> answer(context, namespace));
  }

  private void answer(RoutingContext context, Optional<Boolean> namespace) {
    Optional<JsonObject> request = request(context);
    if (request.isEmpty()) {
      JsonErrors.end(context, UNREADABLE, "the body is no AdmissionReview of " + VERSION);
      return;
    }
    JsonObject response =
        reviewed(request.get(), namespace).put("uid", request.get().getString("uid"));
    context.json(
        new JsonObject()
            .put("apiVersion", VERSION)
            .put("kind", "AdmissionReview")
            .put("response", response));
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

  private JsonObject reviewed(JsonObject request, Optional<Boolean> namespace) {
    JsonObject response = new JsonObject().put("allowed", true);
    boolean pod =
        request.getValue("resource") instanceof JsonObject resource
            && "pods".equals(resource.getValue("resource"))
            && "CREATE".equals(request.getValue("operation"));
    if (!pod
        || !(request.getValue("object") instanceof JsonObject object)
        || !Choice.wanted(object, namespace)) {
      return response;
    }
    try {
      Injection injection = injector.inject(object);
      if (!injection.warnings().isEmpty()) {
        response.put("warnings", new JsonArray(injection.warnings()));
      }
      if (!injection.patch().isEmpty()) {
        byte[] patch = injection.patch().json().encode().getBytes(StandardCharsets.UTF_8);
        response.put("patchType", "JSONPatch");
        response.put("patch", Base64.getEncoder().encodeToString(patch));
      }
      return response;
    } catch (InjectionRefused refused) {
      JsonObject status = new JsonObject().put("code", INVALID).put("reason", "Invalid");
      return response
          .put("allowed", false)
          .put("status", status.put("message", String.join("; ", refused.faults())));
    }
  }
}
