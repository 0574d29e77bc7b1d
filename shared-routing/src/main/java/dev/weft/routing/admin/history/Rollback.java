package dev.weft.routing.admin.history;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.ConfigHistory;
import dev.weft.config.history.ConfigHistory.Applied;
import dev.weft.config.history.Restoration;
import dev.weft.config.history.SourceWriter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes back to a version of the configuration that served before: at once here, and then where it
 * stands, so that it stays. One at a time. Any thread may ask.
 */
public final class Rollback {

  private static final Logger LOG = LoggerFactory.getLogger(Rollback.class);

  private final Vertx vertx;
  private final ConfigHistory history;
  private final Changing changing;
  private final Function<String, Optional<SourceWriter>> writers;
  private final AtomicBoolean running = new AtomicBoolean();

  /**
   * @param writers of a source; one that has none is not rolled back
   */
  public Rollback(
      Vertx vertx,
      ConfigHistory history,
      Changing changing,
      Function<String, Optional<SourceWriter>> writers) {
    this.vertx = vertx;
    this.history = history;
    this.changing = changing;
    this.writers = writers;
  }

  ConfigHistory history() {
    return history;
  }

  /**
   * Goes back.
   *
   * @param wanted empty for the version before the one that serves
   * @param asker for the log and the history
   * @return which version serves now, and for each source whether it was written; fails with an
   *     {@link IllegalArgumentException} whose message says why where that cannot be
   */
  Future<JsonObject> to(OptionalLong wanted, Asker asker) {
    if (!running.compareAndSet(false, true)) {
      return refused("another rollback is under way");
    }
    return begun(wanted, asker).onComplete(done -> running.set(false));
  }

  private Future<JsonObject> begun(OptionalLong wanted, Asker asker) {
    Optional<Applied> then =
        wanted.isPresent() ? history.find(wanted.getAsLong()) : history.previous();
    Optional<Applied> now = history.current();
    if (then.isEmpty() || now.isEmpty()) {
      return refused(
          wanted.isPresent()
              ? "version "
                  + wanted.getAsLong()
                  + " is not kept (/config/history lists those that are)"
              : "there is no version before the one that serves");
    }
    Set<String> sources = new LinkedHashSet<>(now.get().units().keySet());
    sources.addAll(then.get().units().keySet());
    Map<String, SourceWriter> written = new LinkedHashMap<>();
    sources.forEach(one -> writers.apply(one).ifPresent(writer -> written.put(one, writer)));
    if (written.isEmpty()) {
      return refused(
          "nothing here comes from a folder or from ConfigMaps: roll back where it comes from");
    }
    Map<String, Map<String, List<ConfigDocument>>> units = new LinkedHashMap<>();
    written.forEach(
        (one, writer) ->
            units.put(
                one,
                writer.attainable(
                    now.get().units().getOrDefault(one, Map.of()),
                    then.get().units().getOrDefault(one, Map.of()))));
    long version = then.get().version();
    String cause = "rollback to " + version + ", asked for " + asker;
    LOG.info("{}", cause);
    Restoration restoration = new Restoration(units);
    return changing
        .change(restoration, cause)
        .compose(
            done ->
                vertx.executeBlocking(
                    () -> written(sources, written, restoration.before(), then.get().units()),
                    false))
        .map(
            told ->
                new JsonObject()
                    .put("to", version)
                    .put("version", history.current().map(Applied::version).orElse(0L))
                    .put("sources", told));
  }

  private static <T> Future<T> refused(String why) {
    return Future.failedFuture(new IllegalArgumentException(why));
  }

  private static JsonArray written(
      Set<String> sources,
      Map<String, SourceWriter> writers,
      Map<String, Map<String, List<ConfigDocument>>> before,
      Map<String, Map<String, List<ConfigDocument>>> after) {
    JsonArray all = new JsonArray();
    for (String source : sources) {
      Optional<SourceWriter> writer = Optional.ofNullable(writers.get(source));
      JsonObject one = new JsonObject().put("source", source);
      if (writer.isEmpty()) {
        one.put("restored", false).put("why", "its resources are rolled back where they stand");
      } else {
        one.put("restored", true);
        try {
          writer
              .get()
              .write(before.getOrDefault(source, Map.of()), after.getOrDefault(source, Map.of()));
          one.put("written", true);
        } catch (IOException e) {
          LOG.warn("{} is not written: {}", source, e.getMessage());
          one.put("written", false).put("why", e.getMessage() + "; it holds until that changes");
        }
      }
      all.add(one);
    }
    return all;
  }
}
