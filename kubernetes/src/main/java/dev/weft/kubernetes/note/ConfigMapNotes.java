package dev.weft.kubernetes.note;

import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.note.Note.Troubles;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tells on a ConfigMap what became of it, and what of it does not work at gateways: the annotation
 * {@code weft.dev/status}, and an Event where the one or the other is news. The same Event again is
 * counted, not written anew. At most eight calls of the API server. Not for event loops.
 */
public final class ConfigMapNotes {

  /** The annotation that is written. */
  public static final String STATUS = "weft.dev/status";

  private static final String APPLIED = "applied v";
  private static final String AND = "; "; // between what became of it and what does not work
  private static final Pattern COUNTED = // which is no news
      Pattern.compile(", on \\d+ of \\d+ gateways,");

  private final KubernetesApi api;
  private final NoteEvents events;

  public ConfigMapNotes(KubernetesApi api) {
    this.api = api;
    this.events = new NoteEvents(api);
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
    String after = after(note, known, before);
    if (before.equals(after)) {
      return Done.SAME;
    }
    JsonObject annotations = new JsonObject().put(STATUS, after);
    resource.patch(
        PatchContext.of(PatchType.JSON_MERGE),
        new JsonObject()
            .put("metadata", new JsonObject().put("annotations", annotations))
            .encode());
    if (!state(before).equals(state(after))) {
      tell(map, note, now);
    }
    if (note.applied() && !uncounted(troubles(before)).equals(uncounted(troubles(after)))) {
      events.troubles(map, note.troubles().orElse(Troubles.NONE), now);
    }
    return Done.WRITTEN;
  }

  private static String after(Note note, boolean known, String before) {
    String state = known && note.applied() && serves(before) ? state(before) : note.status();
    String troubles =
        note.applied() ? note.troubles().map(Troubles::line).orElse(troubles(before)) : "";
    return troubles.isEmpty() ? state : state + AND + troubles;
  }

  private static boolean serves(String status) {
    return status.startsWith(APPLIED);
  }

  /** Of an annotation, what became of the text. */
  private static String state(String status) {
    int and = serves(status) ? status.indexOf(AND) : -1;
    return and < 0 ? status : status.substring(0, and);
  }

  /** Of an annotation, what does not work; empty where all does. */
  private static String troubles(String status) {
    int and = serves(status) ? status.indexOf(AND) : -1;
    return and < 0 ? "" : status.substring(and + AND.length());
  }

  private static String uncounted(String troubles) {
    return COUNTED.matcher(troubles).replaceAll("");
  }

  private static Optional<String> annotation(ConfigMap map) {
    Map<String, String> all = map.getMetadata().getAnnotations();
    return all == null ? Optional.empty() : Optional.ofNullable(all.get(STATUS));
  }

  private void tell(ConfigMap map, Note note, Instant now) {
    if (note.applied()) {
      events.well(map, "ConfigApplied", note.message(), now);
    } else {
      events.ill(map, "ConfigRejected", note.message(), now);
    }
  }
}
