package dev.weft.routing.verticle;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Problem;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotCompiler;
import dev.weft.routing.snapshot.SnapshotStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads, compiles and publishes configuration, one change after the other, and keeps what was good
 * where a change is not. Tells {@code config.applied} and {@code config.rejected}.
 *
 * <p>Other threads hand texts in with {@link #changed}; the rest happens on its loop and, for the
 * compiling, on a worker.
 */
public final class ConfigVerticle extends VerticleBase {

  /** Event bus address of what was applied. */
  public static final String APPLIED = "config.applied";

  /** Event bus address of what was refused. */
  public static final String REJECTED = "config.rejected";

  private static final Logger LOG = LoggerFactory.getLogger(ConfigVerticle.class);

  private final SnapshotCompiler compiler;
  private final SnapshotStore store;
  private final Ticker ticker;
  private final Function<Snapshot, Future<Void>> published;
  private final Keeper keeper;
  private final Map<String, List<ConfigDocument>> wanted = new LinkedHashMap<>();
  private final Map<String, List<ConfigDocument>> good = new LinkedHashMap<>();
  private Future<Void> queue = Future.succeededFuture();
  private long version;
  private volatile Status status =
      new Status(0, List.of(), Instant.EPOCH, Duration.ZERO, List.of(), 0, Map.of());

  /**
   * What serves and what is wrong.
   *
   * @param version of the snapshot that serves; 0 before the first
   * @param units that it was made of
   * @param took to compile and publish it
   * @param problems of the last load, applied or not
   * @param rejected loads that were refused so far
   * @param addresses of names that were looked up
   */
  public record Status(
      long version,
      List<String> units,
      Instant since,
      Duration took,
      List<Problem> problems,
      long rejected,
      Map<String, List<String>> addresses) {
    public Status {
      units = List.copyOf(units);
      problems = List.copyOf(problems);
      addresses = Map.copyOf(addresses);
    }
  }

  /** Where the units that served last are kept, for a restart. Called on a worker. */
  public interface Keeper {
    /** Empty where there are none. */
    Map<String, List<ConfigDocument>> read();

    /** Replaces them. */
    void write(Map<String, List<ConfigDocument>> units) throws IOException;
  }

  /**
   * @param published opens and drains listeners after each publishing
   */
  public ConfigVerticle(
      SnapshotCompiler compiler,
      SnapshotStore store,
      Ticker ticker,
      Function<Snapshot, Future<Void>> published,
      Keeper keeper) {
    this.compiler = compiler;
    this.store = store;
    this.ticker = ticker;
    this.published = published;
    this.keeper = keeper;
  }

  @Override
  public Future<?> start() {
    return vertx.executeBlocking(keeper::read).onSuccess(good::putAll);
  }

  public Status status() {
    return status;
  }

  /**
   * Some units (a folder, ConfigMaps) now have these texts; one with none is gone. Together they
   * are one change. Any thread.
   *
   * @return done once it serves; fails where the port of a listener cannot be opened. A refused
   *     change is no failure
   */
  public Future<Void> changed(Map<String, List<ConfigDocument>> units) {
    Promise<Void> promise = Promise.promise();
    context.runOnContext(
        now -> {
          units.forEach(
              (unit, documents) -> {
                if (documents.isEmpty()) {
                  wanted.remove(unit);
                } else {
                  wanted.put(unit, documents);
                }
              });
          queue = queue.transform(before -> load());
          queue.onComplete(promise);
        });
    return promise.future();
  }

  /** A checked configuration came from the control plane. Any thread. */
  public Future<Void> streamed(String source, MeshConfig config) {
    Promise<Void> promise = Promise.promise();
    context.runOnContext(
        now -> {
          queue = queue.transform(before -> apply(config, List.of(source), List.of()));
          queue.onComplete(promise);
        });
    return promise.future();
  }

  /**
   * Serves the units that served before the restart, until their source tells what there is now.
   * Any thread.
   *
   * @return done once they serve, or there are none
   */
  public Future<Void> restored() {
    Promise<Void> promise = Promise.promise();
    context.runOnContext(
        now -> {
          queue = queue.transform(before -> restore());
          queue.onComplete(promise);
        });
    return promise.future();
  }

  private Future<Void> restore() {
    LoadResult kept = ConfigLoader.load(all(good));
    if (version > 0 || good.isEmpty() || !kept.accepted()) {
      return Future.succeededFuture();
    }
    LOG.info("what served last serves until its source answers");
    return apply(kept.config(), List.copyOf(good.keySet()), List.of());
  }

  private Future<Void> load() {
    LoadResult result = ConfigLoader.load(all(wanted));
    if (result.accepted()) {
      return good(wanted, result, result.problems());
    }
    refused(result);
    return partly(result);
  }

  private static List<ConfigDocument> all(Map<String, List<ConfigDocument>> units) {
    return units.values().stream().flatMap(List::stream).toList();
  }

  private void refused(LoadResult result) {
    Status before = status;
    status =
        new Status(
            before.version,
            before.units,
            before.since,
            before.took,
            result.problems(),
            before.rejected + 1,
            before.addresses);
    result.problems().forEach(problem -> LOG.warn("{}", problem));
    LOG.warn(
        "not applied: {} {}; {}",
        result.errors(),
        result.errors() == 1 ? "error" : "errors",
        before.version == 0
            ? "nothing serves yet"
            : "snapshot " + before.version + " (of " + before.since + ") keeps serving");
    vertx.eventBus().publish(REJECTED, new JsonObject().put("problems", texts(result.problems())));
  }

  private static JsonArray texts(List<Problem> problems) {
    JsonArray texts = new JsonArray();
    problems.forEach(problem -> texts.add(problem.toString()));
    return texts;
  }

  /** The units without errors apply; each other one keeps its last good version. */
  private Future<Void> partly(LoadResult result) {
    Set<String> broken = new HashSet<>();
    for (Problem problem : result.problems()) {
      if (problem.error()) {
        wanted.forEach(
            (unit, documents) -> {
              if (documents.stream().anyMatch(d -> d.name().equals(problem.place().file()))) {
                broken.add(unit);
              }
            });
      }
    }
    Map<String, List<ConfigDocument>> mixed = new LinkedHashMap<>();
    wanted.forEach(
        (unit, documents) -> {
          List<ConfigDocument> kept =
              broken.contains(unit) ? good.getOrDefault(unit, List.of()) : documents;
          mixed.put(unit, kept);
        });
    boolean nothing = all(mixed).isEmpty();
    if (nothing || (version > 0 && (broken.size() == wanted.size() || mixed.equals(good)))) {
      return Future.succeededFuture();
    }
    LoadResult rest = ConfigLoader.load(all(mixed));
    return rest.accepted() ? good(mixed, rest, result.problems()) : Future.succeededFuture();
  }

  private Future<Void> good(
      Map<String, List<ConfigDocument>> units, LoadResult result, List<Problem> told) {
    Map<String, List<ConfigDocument>> kept = Map.copyOf(units);
    good.clear();
    good.putAll(kept);
    return apply(result.config(), List.copyOf(units.keySet()), told)
        .onSuccess(
            served ->
                vertx
                    .executeBlocking(
                        () -> {
                          keeper.write(kept);
                          return kept;
                        })
                    .onFailure(
                        cause ->
                            LOG.warn("it cannot be kept for a restart: {}", cause.getMessage())));
  }

  private Future<Void> apply(MeshConfig config, List<String> units, List<Problem> problems) {
    long began = ticker.nanos();
    long next = version + 1;
    Map<String, List<String>> addresses = status.addresses;
    return vertx
        .executeBlocking(() -> compiler.compile(next, config, addresses))
        .compose(
            snapshot -> {
              version = next;
              store.publish(snapshot);
              Duration took = Duration.ofNanos(ticker.nanos() - began);
              Instant now = Instant.ofEpochMilli(ticker.epochMillis());
              status = new Status(next, units, now, took, problems, status.rejected, addresses);
              if (snapshot.held()) {
                vertx.setTimer(Snapshot.HOLD.toMillis() + 1, over -> again(next, config));
              }
              return published.apply(snapshot);
            })
        .onSuccess(
            done -> {
              long millis = (ticker.nanos() - began) / 1_000_000;
              problems.forEach(problem -> LOG.info("{}", problem));
              LOG.info("snapshot {} serves after {} ms", next, millis);
              vertx.eventBus().publish(APPLIED, new JsonObject().put("version", next));
            })
        .onFailure(cause -> LOG.error("snapshot {}: {}", next, cause.getMessage()));
  }

  /** What was held for destinations that do not exist is held no longer. */
  private void again(long held, MeshConfig config) {
    queue =
        queue.transform(
            before ->
                held == version
                    ? vertx
                        .executeBlocking(() -> compiler.compile(held, config, status.addresses))
                        .onSuccess(store::publish)
                        .mapEmpty()
                    : Future.succeededFuture());
  }

  /** Names have new addresses; endpoints follow, nothing is compiled. Any thread. */
  public void resolved(Map<String, List<String>> addresses) {
    context.runOnContext(
        now -> {
          Status before = status;
          status =
              new Status(
                  before.version,
                  before.units,
                  before.since,
                  before.took,
                  before.problems,
                  before.rejected,
                  addresses);
          store.current().ifPresent(snapshot -> compiler.refresh(snapshot.config(), addresses));
        });
  }
}
