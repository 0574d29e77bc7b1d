package dev.weft.control.stream;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One version of the configuration as the proxies of each scope are told of it. Texts are made on a
 * worker, once for all proxies of a scope that have the same version before it. One event loop's
 * own.
 */
final class Published {

  /** What a proxy has that was sent nothing yet; known by its identity. */
  static final Map<String, String> NOTHING = new HashMap<>();

  private final Vertx vertx;
  private final long version;
  private final MeshConfig config;
  private final Set<String> labels;
  private final Map<Viewer, Scope> scopes = new HashMap<>();

  /**
   * What a proxy is told.
   *
   * @param now all that it has then, by the names of resources
   * @param line to send; empty where nothing changed for it
   */
  record Change(Map<String, String> now, Optional<Buffer> line) {}

  /** What a scope sees, and how it differs from what some of its proxies have. */
  private record Scope(
      Future<Map<String, String>> texts, Map<Map<String, String>, Future<Change>> changes) {}

  /**
   * @param version from 1 up: 0 says that nothing is known yet
   */
  Published(Vertx vertx, long version, MeshConfig config) {
    this.vertx = vertx;
    this.version = version;
    this.config = config;
    this.labels = Scopes.labels(config);
  }

  long version() {
    return version;
  }

  /**
   * From what a proxy has to this version.
   *
   * @param before {@link #NOTHING}, or what an earlier change told
   */
  Future<Change> after(Viewer viewer, Map<String, String> before) {
    Scope scope = scopes.computeIfAbsent(viewer.by(labels), this::scope);
    return scope.changes.computeIfAbsent(
        before,
        from -> scope.texts.compose(now -> vertx.executeBlocking(() -> change(from, now), false)));
  }

  private Scope scope(Viewer viewer) {
    return new Scope(
        vertx.executeBlocking(() -> ConfigCodec.write(Scopes.of(config, viewer)), false),
        new IdentityHashMap<>());
  }

  private Change change(Map<String, String> before, Map<String, String> now) {
    JsonObject set = new JsonObject();
    now.forEach(
        (name, text) -> {
          if (!text.equals(before.get(name))) {
            set.put(name, text);
          }
        });
    Set<String> gone = new HashSet<>(before.keySet());
    gone.removeAll(now.keySet());
    if (before != NOTHING && set.isEmpty() && gone.isEmpty()) {
      return new Change(now, Optional.empty());
    }
    JsonObject line =
        new JsonObject()
            .put("version", version)
            .put("set", set)
            .put("remove", new JsonArray(List.copyOf(gone)));
    return new Change(now, Optional.of(line.toBuffer().appendByte((byte) '\n')));
  }
}
