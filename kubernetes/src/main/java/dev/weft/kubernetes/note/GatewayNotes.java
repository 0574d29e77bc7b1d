package dev.weft.kubernetes.note;

import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.istio.IstioKind;
import dev.weft.kubernetes.note.Note.Troubles;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Tells on a Gateway resource what of it gateways cannot serve: the condition {@value #CONDITION}
 * in its status, where its definition has a status, and an Event. One of which nothing was ever
 * wrong has no such condition. Not for event loops; one thread at a time.
 *
 * <p>Source: Istio, meta/v1alpha1 {@code IstioStatus}.
 */
public final class GatewayNotes {

  /** The type of the condition that is written. */
  public static final String CONDITION = "weft.dev/Served";

  private static final String WELL = "all ports and certificates of it work";
  private static final int LONGEST_MESSAGE = 1024;
  private static final int NONE = 404;

  private final KubernetesApi api;
  private final NoteEvents events;
  private Optional<IstioKind> kind = Optional.empty(); // until it is asked for

  public GatewayNotes(KubernetesApi api) {
    this.api = api;
    this.events = new NoteEvents(api);
  }

  /**
   * Writes where something else stands.
   *
   * @param known whether it may have been told before, by another process
   * @throws KubernetesFailure with a sentence where the API server cannot be asked or refuses
   */
  public ConfigMapNotes.Done write(Note note, boolean known, Instant now) {
    String what = "the status of Gateway " + note.namespace() + "/" + note.name();
    try {
      Optional<GenericKubernetesResource> there = read(note);
      return there.isEmpty()
          ? ConfigMapNotes.Done.GONE
          : written(there.get(), note.troubles().orElse(Troubles.NONE), known, now);
    } catch (RuntimeException failure) {
      throw new KubernetesFailure(
          ApiFailures.sentence(
              what,
              "get on gateways, patch on gateways/status, and create, get and patch on events",
              api.server(),
              failure));
    }
  }

  private Optional<GenericKubernetesResource> read(Note note) {
    if (kind.isEmpty()) {
      kind =
          IstioKind.installed(api).stream().filter(one -> one.kind().equals("Gateway")).findFirst();
    }
    Optional<GenericKubernetesResource> there =
        resource(note.namespace(), note.name()).map(Resource::get);
    if (there.isEmpty()) {
      kind = Optional.empty(); // it may be of another version by now
    }
    return there;
  }

  private Optional<Resource<GenericKubernetesResource>> resource(String namespace, String name) {
    return kind.map(
        one ->
            api.client()
                .genericKubernetesResources(one.context())
                .inNamespace(namespace)
                .withName(name));
  }

  private ConfigMapNotes.Done written(
      GenericKubernetesResource there, Troubles troubles, boolean known, Instant now) {
    JsonArray all = conditions(there);
    Optional<JsonObject> before =
        IntStream.range(0, all.size())
            .mapToObj(all::getJsonObject)
            .filter(one -> CONDITION.equals(one.getString("type")))
            .findFirst();
    JsonObject after = condition(troubles, before, now);
    boolean same =
        before.isEmpty()
            ? known && troubles.message().isEmpty()
            : before.get().getString("status", "").equals(after.getString("status"))
                && before.get().getString("message", "").equals(after.getString("message"));
    if (same) {
      return ConfigMapNotes.Done.SAME;
    }
    JsonArray next = new JsonArray();
    for (int i = 0; i < all.size(); i++) {
      if (!CONDITION.equals(all.getJsonObject(i).getString("type"))) {
        next.add(all.getJsonObject(i)); // somebody else's
      }
    }
    next.add(after);
    patch(there, next);
    events.troubles(there, troubles, now);
    return ConfigMapNotes.Done.WRITTEN;
  }

  private static JsonObject condition(Troubles troubles, Optional<JsonObject> before, Instant now) {
    boolean well = troubles.message().isEmpty();
    String status = well ? "True" : "False";
    String since =
        before
            .filter(one -> status.equals(one.getString("status")))
            .map(one -> one.getString("lastTransitionTime"))
            .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
    return new JsonObject()
        .put("type", CONDITION)
        .put("status", status)
        .put("reason", well ? "Ready" : "NotReady")
        .put("message", well ? WELL : cut(troubles.message()))
        .put("lastTransitionTime", since);
  }

  /** Those that can be read: whoever may write a status may write anything there. */
  private static JsonArray conditions(GenericKubernetesResource there) {
    JsonObject whole = new JsonObject(Serialization.asJson(there));
    JsonArray all = new JsonArray();
    if (whole.getValue("status") instanceof JsonObject status
        && status.getValue("conditions") instanceof JsonArray written) {
      written.stream().filter(JsonObject.class::isInstance).forEach(all::add);
    }
    return all;
  }

  /** Refused where somebody else wrote meanwhile, since conditions are written all together. */
  private void patch(GenericKubernetesResource there, JsonArray conditions) {
    JsonObject version =
        new JsonObject().put("resourceVersion", there.getMetadata().getResourceVersion());
    JsonObject patch =
        new JsonObject()
            .put("metadata", version)
            .put("status", new JsonObject().put("conditions", conditions));
    try {
      api.client()
          .genericKubernetesResources(kind.orElseThrow().context())
          .inNamespace(there.getMetadata().getNamespace())
          .withName(there.getMetadata().getName())
          .subresource("status")
          .patch(PatchContext.of(PatchType.JSON_MERGE), patch.encode());
    } catch (KubernetesClientException refused) {
      if (refused.getCode() != NONE) {
        throw refused; // else its definition has no status: the Event alone tells
      }
    }
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE);
  }
}
