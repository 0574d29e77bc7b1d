package dev.weft.control.status;

import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.note.ConfigMapNotes;
import dev.weft.kubernetes.note.GatewayNotes;
import dev.weft.kubernetes.note.Note;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes to the API server of this process, on a worker. */
public final class ApiWriter implements StatusWriter.Writer {

  private final Vertx vertx;
  private @Nullable Notes notes;

  private record Notes(ConfigMapNotes configMaps, GatewayNotes gateways) {

    static Notes of(KubernetesApi api) {
      return new Notes(new ConfigMapNotes(api), new GatewayNotes(api));
    }
  }

  /**
   * @param api empty for one that is found when there is something to write
   */
  public ApiWriter(Vertx vertx, Optional<KubernetesApi> api) {
    this.vertx = vertx;
    this.notes = api.map(Notes::of).orElse(null);
  }

  @Override
  public Future<ConfigMapNotes.Done> write(Note note, boolean known, Instant now) {
    return vertx.executeBlocking(
        () ->
            note.on() == Note.On.GATEWAY
                ? notes().gateways.write(note, known, now)
                : notes().configMaps.write(note, known, now),
        false);
  }

  private synchronized Notes notes() {
    Notes there = notes;
    if (there == null) {
      there = Notes.of(KubernetesApi.connect(vertx));
      notes = there;
    }
    return there;
  }
}
