package dev.weft.control.stream;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.codec.Resource;
import dev.weft.config.model.MeshConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One version of the configuration as the proxies of each scope are told of it. A resource that is
 * as it was in the version before is the same {@link Part}, so that what changed is found by
 * looking, and written once for all proxies. That is done on a worker, once for all proxies of a
 * scope that have the same version before it. One event loop's own.
 */
final class Published {

  /** What a proxy has that was sent nothing yet; known by its identity. */
  static final Map<String, Part> NOTHING = Collections.unmodifiableMap(new HashMap<>());

  private final Vertx vertx;
  private final long version;
  private final MeshConfig config;
  private final Future<Map<String, Part>> parts;
  private final Set<String> labels;
  private final Map<Viewer, Scope> scopes = new HashMap<>();

  /** What a scope sees, and how it differs from what some of its proxies have. */
  private record Scope(
      Future<Map<String, Part>> parts, Map<Map<String, Part>, Future<Change>> changes) {}

  private Published(Vertx vertx, long version, MeshConfig config, Future<Map<String, Part>> parts) {
    this.vertx = vertx;
    this.version = version;
    this.config = config;
    this.parts = parts;
    this.labels = Scopes.labels(config);
  }

  /** The first one. */
  static Published first(Vertx vertx, MeshConfig config) {
    return new Published(
        vertx, 1, config, vertx.executeBlocking(() -> parts(config, NOTHING), false));
  }

  /** The one after this. */
  Published next(MeshConfig later) {
    Vertx of = vertx; // and nothing else of this version, which would be kept by the next one
    Future<Map<String, Part>> next =
        parts
            .otherwise(NOTHING)
            .compose(before -> of.executeBlocking(() -> parts(later, before), false));
    return new Published(of, version + 1, later, next);
  }

  /** As all of it is. */
  MeshConfig config() {
    return config;
  }

  /** From 1 up: 0 says that nothing is known yet. */
  long version() {
    return version;
  }

  /**
   * From what a proxy has to this version.
   *
   * @param before {@link #NOTHING}, or what an earlier change told
   */
  Future<Change> after(Viewer viewer, Map<String, Part> before) {
    Scope scope = scopes.computeIfAbsent(viewer.by(labels), this::scope);
    return scope.changes.computeIfAbsent(
        before,
        from -> scope.parts.compose(now -> vertx.executeBlocking(() -> change(from, now), false)));
  }

  private static Map<String, Part> parts(MeshConfig config, Map<String, Part> before) {
    Map<String, Part> all = new HashMap<>();
    for (Resource resource : ConfigCodec.resources(config)) {
      Part known = before.get(resource.name());
      boolean same = known != null && known.resource().equals(resource);
      all.put(resource.name(), same ? known : new Part(resource));
    }
    return Collections.unmodifiableMap(all);
  }

  private Scope scope(Viewer viewer) {
    Future<Map<String, Part>> seen =
        parts.compose(all -> vertx.executeBlocking(() -> seen(viewer, all), false));
    return new Scope(seen, new IdentityHashMap<>());
  }

  private Map<String, Part> seen(Viewer viewer, Map<String, Part> all) {
    Map<String, Part> seen = new HashMap<>();
    for (Resource resource : ConfigCodec.resources(Scopes.of(config, viewer))) {
      Part known = all.get(resource.name());
      boolean same = known != null && known.resource().equals(resource);
      seen.put(resource.name(), same ? known : new Part(resource)); // a scope may say less of it
    }
    return Collections.unmodifiableMap(seen);
  }

  private Change change(Map<String, Part> before, Map<String, Part> now) {
    List<Part> set = new ArrayList<>();
    now.forEach(
        (name, part) -> {
          if (part != before.get(name)) {
            part.text();
            set.add(part);
          }
        });
    List<String> gone = before.keySet().stream().filter(name -> !now.containsKey(name)).toList();
    boolean told = before == NOTHING || !set.isEmpty() || !gone.isEmpty();
    return new Change(version, now, set, gone, told);
  }
}
