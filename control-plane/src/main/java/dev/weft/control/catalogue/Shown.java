package dev.weft.control.catalogue;

import dev.weft.kubernetes.discovery.NamedService;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Services as the importer is shown them: objects of the API server with what it reads, and
 * versions of our own. It takes what it is shown in lots, of which it keeps the last word on each
 * uid, and fails on objects without ports and on errors. So a Service that changed is another one,
 * with a uid that never was, in place of one that is gone; one without ports is not shown; and
 * there are no errors.
 *
 * <p>Remembers the last {@value #MOST_GONE} that are gone, for an importer that begins to watch
 * anew. Belongs to one event loop.
 */
final class Shown {

  /** The label with all ports of a Service, which become part of its record. */
  static final String PORTS = "weft.dev/ports";

  /** The label with the type of a Service. */
  static final String TYPE = "weft.dev/type";

  static final int MOST_GONE = 1000;

  private final Map<String, Seen> now = new TreeMap<>(); // by NAMESPACE/NAME
  private final Deque<Seen> gone = new ArrayDeque<>();
  private long version = 1; // the importer begins from zero

  /**
   * A Service at a time.
   *
   * @param since the version with which it came, or went
   */
  private record Seen(NamedService service, String uid, long since) {

    JsonObject event(String type) {
      return new JsonObject().put("type", type).put("object", json());
    }

    JsonObject json() {
      JsonArray ports = new JsonArray();
      for (NamedService.Port port : service.ports()) {
        ports.add(
            new JsonObject()
                .put("name", port.name())
                .put("port", port.port())
                .put("protocol", port.protocol()));
      }
      JsonObject labels =
          new JsonObject()
              .put("service-type", "unknown") // it would guess by the port
              .put(TYPE, service.type())
              .put(PORTS, ports.encode());
      JsonObject meta =
          new JsonObject()
              .put("name", service.name())
              .put("namespace", service.namespace())
              .put("uid", uid)
              .put("labels", labels);
      JsonObject spec =
          new JsonObject()
              .put("clusterIP", service.name() + "." + service.namespace() + ".svc") // no address
              .put("ports", ports);
      return new JsonObject().put("metadata", meta).put("spec", spec);
    }
  }

  /** Takes what changed; empty for one that is gone. */
  void show(Map<String, Optional<NamedService>> changes) {
    changes.forEach(
        (key, change) -> {
          Optional<NamedService> wanted = change.filter(service -> !service.ports().isEmpty());
          Optional<Seen> before = Optional.ofNullable(now.get(key));
          if (!before.map(Seen::service).equals(wanted)) {
            version++;
            before.ifPresent(one -> forget(key, one));
            wanted.ifPresent(
                service -> now.put(key, new Seen(service, key + "#" + version, version)));
          }
        });
  }

  private void forget(String key, Seen before) {
    now.remove(key);
    gone.addLast(new Seen(before.service, before.uid, version));
    if (gone.size() > MOST_GONE) {
      gone.removeFirst();
    }
  }

  /** Counts the changes. */
  long version() {
    return version;
  }

  /** All there are. */
  JsonObject list() {
    JsonArray items = new JsonArray();
    now.values().forEach(one -> items.add(one.json()));
    return new JsonObject()
        .put("kind", "ServiceList")
        .put("apiVersion", "v1")
        .put("metadata", at())
        .put("items", items);
  }

  /** What changed after a version, and the version that this leads to. */
  List<JsonObject> after(long known) {
    List<JsonObject> events = new ArrayList<>();
    gone.stream().filter(one -> one.since > known).forEach(one -> events.add(one.event("DELETED")));
    now.values().stream()
        .filter(one -> one.since > known)
        .forEach(one -> events.add(one.event("ADDED")));
    events.add(bookmark());
    return events;
  }

  /** A sign of life. */
  JsonObject bookmark() {
    return new JsonObject()
        .put("type", "BOOKMARK")
        .put("object", new JsonObject().put("metadata", at()));
  }

  private JsonObject at() {
    return new JsonObject().put("resourceVersion", Long.toString(version));
  }
}
