package dev.weft.routing.verticle;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import dev.weft.config.history.ConfigHistory;
import dev.weft.config.history.SourceChange;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Told;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
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

  /** Event bus address of what brought other endpoints and nothing else. */
  static final String MOVED = "config.moved";

  /** Event bus address of what was refused. */
  public static final String REJECTED = "config.rejected";

  private static final Logger LOG = LoggerFactory.getLogger(ConfigVerticle.class);

  private final SnapshotCompiler compiler;
  private final SnapshotStore store;
  private final Ticker ticker;
  private final Function<Snapshot, Future<Void>> published;
  private final Keeper keeper;
  private final ConfigUnits units;
  private final ConfigHistory history = new ConfigHistory();
  private final Told told = new Told();
  private Optional<WriteBehind<Map<String, Map<String, List<ConfigDocument>>>>> kept =
      Optional.empty();
  private Future<Void> queue = Future.succeededFuture();
  private String why = ""; // for the history, of the step that is under way
  private long version;
  private volatile boolean waits;
  private volatile List<ConfigDocument> texts = List.of();
  private volatile Listener listener = (version, config, problems) -> {};
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

    /** Of the same version. */
    private Status but(
        List<String> of, List<Problem> wrong, long refused, Map<String, List<String>> names) {
      return new Status(version, of, since, took, wrong, refused, names);
    }
  }

  /** Hears of what serves: each version, and again when its endpoints are others. On the loop. */
  public interface Listener {
    /**
     * @param problems what the load told
     */
    void served(long version, MeshConfig config, List<Problem> problems);
  }

  /** Where the units that served last are kept, for a restart. Called on a worker. */
  public interface Keeper {
    /** By source and unit; empty where there are none. */
    Map<String, Map<String, List<ConfigDocument>>> read();

    /** Replaces them. */
    void write(Map<String, Map<String, List<ConfigDocument>>> units) throws IOException;
  }

  /**
   * @param published opens and drains listeners after each publishing
   * @param sources that tell of texts; nothing serves before each has, or what it held before a
   *     restart stands for it
   */
  public ConfigVerticle(
      SnapshotCompiler compiler,
      SnapshotStore store,
      Ticker ticker,
      Function<Snapshot, Future<Void>> published,
      Keeper keeper,
      List<String> sources) {
    this.units = new ConfigUnits(sources);
    this.compiler = compiler;
    this.store = store;
    this.ticker = ticker;
    this.published = published;
    this.keeper = keeper;
  }

  @Override
  public Future<?> start() {
    kept =
        Optional.of(
            new WriteBehind<>(
                vertx,
                keeper::write,
                cause -> LOG.warn("it cannot be kept for a restart: {}", cause.getMessage())));
    return vertx.executeBlocking(keeper::read).onSuccess(units::remember);
  }

  @Override
  public Future<?> stop() {
    return kept.map(WriteBehind::flushed).orElse(Future.succeededFuture());
  }

  /** Who shall hear of what serves. */
  public void telling(Listener hears) {
    listener = hears;
  }

  public Status status() {
    return status;
  }

  /** The versions that served. */
  public ConfigHistory history() {
    return history;
  }

  /** The texts that problems stand in; see {@link ConfigUnits#texts}. Any thread. */
  public List<ConfigDocument> texts() {
    return texts;
  }

  /** Whether nothing can serve yet, since a source has told nothing. Any thread. */
  public boolean waits() {
    return waits;
  }

  /**
   * Some units (a folder, ConfigMaps) of a source now have these texts; one with none is gone.
   * Together they are one change. Any thread.
   *
   * @return done once it serves; fails where the port of a listener cannot be opened. A refused
   *     change is no failure
   */
  public Future<Void> changed(String source, Map<String, List<ConfigDocument>> changes) {
    return queued(source, () -> units.change(source, changes));
  }

  /** A checked configuration came from the control plane. Any thread. */
  public Future<Void> streamed(String source, MeshConfig config) {
    return noting(source, () -> apply(config, List.of(source), List.of()));
  }

  /**
   * What a source held before the restart stands for it, until it tells what there is now. Any
   * thread.
   *
   * @return whether there was something, once it serves or waits for another source
   */
  public Future<Boolean> restored(String source) {
    AtomicBoolean known = new AtomicBoolean();
    return queued(
            source + " (last good)",
            () -> {
              known.set(units.keeps(source));
              return units.restored(source);
            })
        .map(done -> known.get() && (waits || store.current().isPresent()));
  }

  /**
   * Makes a change that was asked for, in its turn, and serves it. Any thread.
   *
   * @param cause for the history
   * @return done once it serves; fails as {@link SourceChange#on} does, or as {@link #changed}
   */
  public Future<Void> change(SourceChange change, String cause) {
    return noting(cause, () -> read(() -> change.on(units)).compose(this::taken));
  }

  private Future<Void> inTurn(Supplier<Future<Void>> step) {
    Promise<Void> promise = Promise.promise();
    context.runOnContext(
        now -> {
          queue = queue.transform(before -> step.get());
          queue.onComplete(promise);
        });
    return promise.future();
  }

  private Future<Void> queued(String cause, Callable<ConfigUnits.Outcome> reading) {
    return noting(cause, () -> taken(reading));
  }

  /** A step after which what serves, on all of its ports or not, has its texts in the history. */
  private Future<Void> noting(String cause, Supplier<Future<Void>> step) {
    return inTurn(
        () -> {
          why = cause;
          return step.get().onComplete((done, failure) -> note(status.since));
        });
  }

  private void note(Instant since) {
    if (version > 0) {
      history.applied(version, since, why, units.good());
    }
  }

  /** Texts are read on a worker; one after the other, since the queue goes on afterwards. */
  private Future<Void> taken(Callable<ConfigUnits.Outcome> reading) {
    return read(reading)
        .onFailure(cause -> LOG.error("the change cannot be read; what serves goes on", cause))
        .compose(this::taken);
  }

  private Future<ConfigUnits.Outcome> read(Callable<ConfigUnits.Outcome> reading) {
    return vertx.executeBlocking(
        () -> {
          ConfigUnits.Outcome outcome = reading.call();
          waits = units.waits();
          texts = units.texts();
          return outcome;
        });
  }

  private Future<Void> taken(ConfigUnits.Outcome outcome) {
    if (outcome.refused()) {
      refused(outcome.problems());
    }
    if (outcome.config().isEmpty()) {
      return Future.succeededFuture();
    }
    Map<String, Map<String, List<ConfigDocument>>> good = units.good();
    return apply(outcome.config().get(), outcome.units(), outcome.problems())
        .onSuccess(served -> kept.ifPresent(behind -> behind.keep(good)));
  }

  private void refused(List<Problem> problems) {
    Status before = status;
    long errors = problems.stream().filter(Problem::error).count();
    status = before.but(before.units, problems, before.rejected + 1, before.addresses);
    told.news(problems).forEach(problem -> LOG.warn("{}", problem));
    LOG.warn(
        "not applied: {} {}; {}",
        errors,
        errors == 1 ? "error" : "errors",
        before.version == 0
            ? "nothing serves yet"
            : "snapshot " + before.version + " (of " + before.since + ") keeps serving");
    vertx.eventBus().publish(REJECTED, new JsonObject().put("problems", texts(problems)));
  }

  private static JsonArray texts(List<Problem> problems) {
    JsonArray texts = new JsonArray();
    problems.forEach(problem -> texts.add(problem.toString()));
    return texts;
  }

  private Future<Void> apply(MeshConfig config, List<String> units, List<Problem> problems) {
    Optional<Snapshot> serving = store.current();
    return serving.isEmpty()
        ? compiled(config, units, problems)
        : vertx
            .executeBlocking(() -> compiler.endpoints(serving.get(), config, status.addresses))
            .compose(
                same ->
                    same.isPresent()
                        ? moved(same.get(), units, problems)
                        : compiled(config, units, problems));
  }

  /** Endpoints are in no snapshot, so that its version stays. */
  private Future<Void> moved(Snapshot same, List<String> units, List<Problem> problems) {
    status = status.but(units, problems, status.rejected, status.addresses);
    store.publish(same);
    listener.served(same.version(), same.config(), problems);
    told.news(problems).forEach(problem -> LOG.info("{}", problem));
    LOG.debug("snapshot {} has other endpoints", same.version());
    vertx.eventBus().publish(MOVED, new JsonObject().put("version", same.version()));
    return Future.succeededFuture();
  }

  private Future<Void> compiled(MeshConfig config, List<String> units, List<Problem> problems) {
    long began = ticker.nanos();
    long next = version + 1;
    Map<String, List<String>> addresses = status.addresses;
    return vertx
        .executeBlocking(() -> compiler.compile(next, config, addresses))
        .compose(
            snapshot -> {
              version = next;
              Instant now = Instant.ofEpochMilli(ticker.epochMillis());
              note(now); // first: whom it serves may ask to go back from it
              store.publish(snapshot);
              Duration took = Duration.ofNanos(ticker.nanos() - began);
              status = new Status(next, units, now, took, problems, status.rejected, addresses);
              listener.served(next, config, problems);
              if (snapshot.held()) {
                vertx.setTimer(Snapshot.HOLD.toMillis() + 1, over -> again(next, config));
              }
              return published.apply(snapshot);
            })
        .onSuccess(
            done -> {
              long millis = (ticker.nanos() - began) / 1_000_000;
              List<Problem> news = told.news(problems);
              news.forEach(problem -> LOG.info("{}", problem));
              String more =
                  problems.isEmpty()
                      ? ""
                      : "; warnings: " + problems.size() + ", new: " + news.size();
              LOG.info("snapshot {} serves after {} ms{}", next, millis, more);
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

  /**
   * Names have new addresses; endpoints follow, nothing is compiled. A change that is under way is
   * done first, since it knows the addresses of before. Any thread.
   *
   * @return done once they do
   */
  public Future<Void> resolved(Map<String, List<String>> addresses) {
    return inTurn(() -> refreshed(addresses));
  }

  private Future<Void> refreshed(Map<String, List<String>> addresses) {
    status = status.but(status.units, status.problems, status.rejected, addresses);
    return store
        .current()
        .map(serving -> vertx.executeBlocking(() -> refreshed(serving, addresses)))
        .orElse(Future.succeededFuture())
        .mapEmpty();
  }

  private Snapshot refreshed(Snapshot serving, Map<String, List<String>> addresses) {
    compiler.refresh(serving.config(), addresses);
    return serving;
  }
}
