package dev.weft.kubernetes.note;

import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.note.Note.Troubles;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * Events about an object. The same again is counted, not written anew: that it is well is one Event
 * of an object, whatever the version; so is each trouble.
 *
 * <p>Source: Event, core/v1.
 */
final class NoteEvents {

  private static final String COMPONENT = "weft-control";
  private static final int LONGEST_NAME = 230; // 253 with what is put behind it
  private static final int LONGEST_MESSAGE = 1024;
  private static final int TAKEN = 409;

  private final KubernetesApi api;

  NoteEvents(KubernetesApi api) {
    this.api = api;
  }

  /** That all is well with it. */
  void well(HasMetadata object, String reason, String message, Instant now) {
    tell(event(object, reason, message, now).withType("Normal").build());
  }

  /** That something is not. */
  void ill(HasMetadata object, String reason, String message, Instant now) {
    tell(event(object, reason, message, now).withType("Warning").build());
  }

  /** What does not work at gateways, or that all does. */
  void troubles(HasMetadata object, Troubles troubles, Instant now) {
    if (troubles.message().isEmpty()) {
      well(object, "GatewayReady", "all Gateways of it are served", now);
    } else {
      ill(object, "GatewayNotReady", troubles.message(), now);
    }
  }

  private void tell(Event event) {
    String uid = event.getInvolvedObject().getUid();
    String told = event.getType().equals("Normal") ? "" : event.getMessage();
    String name = cut(event.getInvolvedObject().getName(), LONGEST_NAME);
    int key = Objects.hash(uid, event.getReason(), told);
    event.getMetadata().setName("%s.weft.%08x".formatted(name.replaceAll("[^a-z0-9]+$", ""), key));
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

  private static EventBuilder event(
      HasMetadata object, String reason, String message, Instant when) {
    String now = when.truncatedTo(ChronoUnit.SECONDS).toString();
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(object.getMetadata().getNamespace())
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(object.getApiVersion())
        .withKind(object.getKind())
        .withNamespace(object.getMetadata().getNamespace())
        .withName(object.getMetadata().getName())
        .withUid(object.getMetadata().getUid())
        .endInvolvedObject()
        .withReason(reason)
        .withMessage(cut(message, LONGEST_MESSAGE))
        .withFirstTimestamp(now)
        .withLastTimestamp(now)
        .withCount(1)
        .withNewSource()
        .withComponent(COMPONENT)
        .endSource()
        .withReportingComponent(COMPONENT);
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest);
  }
}
