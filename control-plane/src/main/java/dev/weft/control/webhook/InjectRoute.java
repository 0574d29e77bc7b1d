package dev.weft.control.webhook;

import dev.weft.control.inject.Choice;
import dev.weft.control.inject.Injection;
import dev.weft.control.inject.InjectionRefused;
import dev.weft.control.inject.Injector;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * {@code POST /inject/namespace} and {@code /inject/pod}: puts sidecars into pods as they are made,
 * of namespaces that ask for them, or where the pod does so itself. The API server knows the
 * namespace's labels and tells only the pod's. It has no effect of its own, so that a dry run is
 * answered as any other. Only the event loop of the exchange may enter.
 */
final class InjectRoute {

  private final Injector injector;

  InjectRoute(Injector injector) {
    this.injector = injector;
  }

  void mount(Router router) {
    mount(router, "/inject/namespace", Optional.of(true));
    mount(router, "/inject/pod", Optional.empty());
  }

  private void mount(Router router, String path, Optional<Boolean> namespace) {
    Reviews.mount(router, path, request -> Future.succeededFuture(reviewed(request, namespace)));
  }

  private JsonObject reviewed(JsonObject request, Optional<Boolean> namespace) {
    boolean pod =
        request.getValue("resource") instanceof JsonObject resource
            && "pods".equals(resource.getValue("resource"))
            && "CREATE".equals(request.getValue("operation"));
    if (!pod
        || !(request.getValue("object") instanceof JsonObject object)
        || !Choice.wanted(object, namespace)) {
      return Reviews.allowed();
    }
    try {
      Injection injection = injector.inject(object);
      JsonObject response = Reviews.allowed();
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
      return Reviews.refused(String.join("; ", refused.faults()));
    }
  }
}
