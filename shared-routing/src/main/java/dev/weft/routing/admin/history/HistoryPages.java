package dev.weft.routing.admin.history;

import dev.weft.config.history.ConfigChange;
import dev.weft.config.history.ConfigHistory;
import dev.weft.config.history.ConfigHistory.Applied;
import dev.weft.config.history.ConfigHistory.Entry;
import dev.weft.config.history.ConfigHistory.Traffic;
import dev.weft.config.history.ResourceFields;
import dev.weft.routing.admin.Parameters;
import dev.weft.routing.admin.Replies;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/**
 * The versions of a configuration, their resources, and the way back: pages for an admin port, of a
 * proxy as of a control plane.
 */
public final class HistoryPages {

  private static final int MOST_FIELDS = 50; // of one resource, in a list

  private final Vertx vertx;
  private final Rollback rollback;

  public HistoryPages(Vertx vertx, Rollback rollback) {
    this.vertx = vertx;
    this.rollback = rollback;
  }

  /** Behind whatever guard the router has: it changes what serves. */
  public void mount(Router router) {
    router
        .get("/config/history")
        .handler(context -> answer(context, blocking(() -> history(rollback.history()))));
    router.get("/config/resources").handler(this::resources);
    router.post("/config/rollback").handler(this::roll);
  }

  private <T> Future<T> blocking(Callable<T> work) {
    return vertx.executeBlocking(work, false);
  }

  private void roll(RoutingContext context) {
    answer(
        context,
        Future.succeededFuture().compose(now -> rollback.to(version(context), Asker.of(context))));
  }

  private void resources(RoutingContext context) {
    answer(
        context,
        blocking(
            () -> {
              OptionalLong wanted = version(context);
              Optional<Applied> found =
                  wanted.isPresent()
                      ? rollback.history().find(wanted.getAsLong())
                      : rollback.history().current();
              return resources(
                  found.orElseThrow(() -> new IllegalArgumentException("version: it is not kept")));
            }));
  }

  private static OptionalLong version(RoutingContext context) {
    Optional<String> text = Parameters.text(context, "version");
    try {
      return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text.get()));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("version: '" + text.get() + "' (expected: a number)", e);
    }
  }

  private static void answer(RoutingContext context, Future<JsonObject> answer) {
    answer
        .onSuccess(json -> Replies.json(context, 200, json))
        .onFailure(
            wrong -> {
              if (wrong instanceof IllegalArgumentException) {
                Replies.error(context, 400, String.valueOf(wrong.getMessage()));
              } else {
                context.fail(wrong);
              }
            });
  }

  private static JsonObject history(ConfigHistory history) {
    JsonArray versions = new JsonArray();
    List<Entry> entries = history.entries();
    for (int i = 0; i < entries.size(); i++) {
      versions.add(version(entries.get(i), i == entries.size() - 1));
    }
    return new JsonObject().put("versions", versions);
  }

  private static JsonObject version(Entry entry, boolean oldest) {
    JsonArray changes = new JsonArray();
    entry.changes().forEach(change -> changes.add(told(change)));
    JsonObject json =
        new JsonObject()
            .put("version", entry.applied().version())
            .put("applied", entry.applied().at().toString())
            .put("cause", entry.applied().cause())
            .put("changes", changes)
            .put("served", traffic(entry.served()));
    return oldest ? json : json.put("before", traffic(entry.before()));
  }

  private static JsonObject traffic(Traffic traffic) {
    return new JsonObject().put("requests", traffic.requests()).put("failed", traffic.failed());
  }

  private static JsonObject told(ConfigChange change) {
    JsonArray fields = new JsonArray();
    change.fields().stream()
        .limit(MOST_FIELDS)
        .forEach(
            field -> {
              JsonObject one = new JsonObject().put("path", field.path());
              field.before().ifPresent(text -> one.put("before", text));
              field.after().ifPresent(text -> one.put("after", text));
              fields.add(one);
            });
    JsonObject json =
        new JsonObject()
            .put("resource", change.resource())
            .put("kind", change.kind().name().toLowerCase(Locale.ROOT))
            .put("summary", change.summary());
    return change.kind() == ConfigChange.Kind.CHANGED ? json.put("fields", fields) : json;
  }

  private static JsonObject resources(Applied applied) {
    JsonArray all = new JsonArray();
    for (ResourceFields one : applied.resources().values()) {
      JsonObject fields = new JsonObject();
      one.told().fields().forEach(fields::put);
      all.add(new JsonObject().put("name", one.name()).put("fields", fields));
    }
    return new JsonObject().put("version", applied.version()).put("resources", all);
  }
}
