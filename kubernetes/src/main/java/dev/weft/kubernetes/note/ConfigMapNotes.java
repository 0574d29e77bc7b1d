package dev.weft.kubernetes.note;

import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Tells on a ConfigMap what became of it: the annotation {@code weft.dev/status}, and an Event. The
 * same Event again is counted, not written anew. At most five calls of the API server. Not for
 * event loops.
 *
 * <p>Source: Event, core/v1.
 */
public final class ConfigMapNotes {

  /** The annotation that is written. */
  public static final String STATUS = "weft.dev/status";

  private static final String APPLIED = "applied v";
  private static final String COMPONENT = "weft-control";
  private static final int LONGEST_NAME = 230; // 253 with what is put behind it
  private static final int LONGEST_MESSAGE = 1024;
  private static final int TAKEN = 409;

  private final KubernetesApi api;

  public ConfigMapNotes(KubernetesApi api) {
    this.api = api;
  }

  /** What was done. */
  public enum Done {
    /** It says so already. */
    SAME,
    /** Written now. */
    WRITTEN,
    /** There is no such ConfigMap any more. */
    GONE
  }

  /**
   * Writes where something else stands.
   *
   * @param known whether it may have been told before, by another process: then it stays applied
   *     with the version that it was told with
   * @throws KubernetesFailure with a sentence where the API server cannot be asked or refuses
   */
  public Done write(Note note, boolean known, Instant now) {
    String what = "the status of configmap:" + note.namespace() + "/" + note.name();
    try {
      return written(note, known, now);
    } catch (RuntimeException failure) {
      throw new KubernetesFailure(
          ApiFailures.sentence(
              what,
              "get and patch on configmaps, and create, get and patch on events",
              api.server(),
              failure));
    }
  }

  private Done written(Note note, boolean known, Instant now) {
    Resource<ConfigMap> resource =
        api.client().configMaps().inNamespace(note.namespace()).withName(note.name());
    ConfigMap map = resource.get();
    if (map == null) {
      return Done.GONE;
    }
    String before = annotation(map).orElse("");
    if (before.equals(note.status()) || (known && note.applied() && before.startsWith(APPLIED))) {
      return Done.SAME;
    }
    JsonObject annotations = new JsonObject().put(STATUS, note.status());
    resource.patch(
        PatchContext.of(PatchType.JSON_MERGE),
        new JsonObject()
            .put("metadata", new JsonObject().put("annotations", annotations))
            .encode());
    tell(map, note, now);
    return Done.WRITTEN;
  }

  private static Optional<String> annotation(ConfigMap map) {
    Map<String, String> all = map.getMetadata().getAnnotations();
    return all == null ? Optional.empty() : Optional.ofNullable(all.get(STATUS));
  }

  private void tell(ConfigMap map, Note note, Instant now) {
    Event event = event(map, note, now.truncatedTo(ChronoUnit.SECONDS).toString());
    Resource<Event> resource = api.client().v1().events().resource(event);
    try {
      resource.create();
    } catch (KubernetesClientException refused) {
      if (refused.getCode() != TAKEN) {
        throw refused;
      }
      Integer count = resource.get().getCount();
      resource.patch(
          PatchContext.of(PatchType.JSON_MERGE),
          new JsonObject()
              .put("count", count == null ? 2 : count + 1)
              .put("lastTimestamp", event.getLastTimestamp())
              .put("message", event.getMessage())
              .encode());
    }
  }

  /** That it is applied is one Event of a ConfigMap, whatever the version; so is each refusal. */
  private static Event event(ConfigMap map, Note note, String now) {
    String namespace = note.namespace();
    String name = note.name();
    String message = cut(note.message(), LONGEST_MESSAGE);
    String uid = map.getMetadata().getUid();
    int key = note.applied() ? Objects.hash(uid) : Objects.hash(uid, message);
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(
            "%s.weft.%08x".formatted(cut(name, LONGEST_NAME).replaceAll("[^a-z0-9]+$", ""), key))
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion("v1")
        .withKind("ConfigMap")
        .withNamespace(namespace)
        .withName(name)
        .withUid(uid)
        .endInvolvedObject()
        .withType(note.applied() ? "Normal" : "Warning")
        .withReason(note.applied() ? "ConfigApplied" : "ConfigRejected")
        .withMessage(message)
        .withFirstTimestamp(now)
        .withLastTimestamp(now)
        .withCount(1)
        .withNewSource()
        .withComponent(COMPONENT)
        .endSource()
        .withReportingComponent(COMPONENT)
        .build();
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest);
  }
}
