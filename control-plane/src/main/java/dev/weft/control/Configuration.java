package dev.weft.control;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import dev.weft.config.Trial;
import dev.weft.config.history.ConfigHistory;
import dev.weft.config.history.SourceChange;
import dev.weft.config.history.SourceWriter;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Told;
import dev.weft.config.source.DirectorySource;
import dev.weft.control.status.Reading;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.canary.CanaryPages;
import dev.weft.routing.admin.history.HistoryPages;
import dev.weft.routing.admin.history.Rollback;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.SourceOpener;
import dev.weft.routing.process.lint.Linter;
import dev.weft.routing.verticle.ConfigVerticle;
import dev.weft.routing.verticle.WriteBehind;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mesh's configuration from its sources: read and checked on a worker, one change after the
 * other, and published once every source has told what it has. For one that cannot be read at a
 * start stands what it held when it was published last, which is kept on disk.
 *
 * <p>Belongs to one event loop; sources tell on threads of their own.
 */
final class Configuration implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Configuration.class);
  private static final Workload ITSELF =
      new Workload("weft-system", "weft-control", "cluster.local", Map.of());
  private static final String FOLDER = "dir:";

  private final Vertx vertx;
  private final Context context;
  private final SourceOpener opener;
  private final ConfigVerticle.Keeper keeper;
  private final Duration patience;
  private final ToLongFunction<MeshConfig> publish;
  private final Consumer<Reading> told;
  private final WriteBehind<Map<String, Map<String, List<ConfigDocument>>>> behind;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Map<String, DirectorySource> folders = new ConcurrentHashMap<>();
  private final Told warned = new Told();
  private final Linter linter;
  private final ConfigHistory history = new ConfigHistory();
  private ConfigUnits units = new ConfigUnits(List.of());
  private boolean published;
  private boolean refused; // what was told last, so that whatever follows is an edit
  private volatile boolean closed;
  private volatile Trial trial = Trial.NONE;
  private volatile List<ConfigDocument> texts = List.of();
  private volatile MeshConfig serving = MeshConfig.EMPTY;
  private volatile AdminView.Config status =
      new AdminView.Config(
          "0", Instant.EPOCH, Duration.ZERO, List.of(), List.of(), 0, Optional.empty());

  /** What a telling led to, and where that leaves things. */
  private record Read(
      ConfigUnits.Outcome outcome,
      boolean waits,
      Trial trial,
      Reading reading,
      List<ConfigDocument> texts) {}

  /**
   * @param patience with a source that says nothing at all, before what it held stands for it
   * @param publish hears of each configuration, on the event loop that this was made on, and gives
   *     its version
   * @param told hears what became of each reading, after that, on the same
   */
  Configuration(
      Vertx vertx,
      SourceOpener opener,
      ConfigVerticle.Keeper keeper,
      Duration patience,
      ToLongFunction<MeshConfig> publish,
      Consumer<Reading> told) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.opener = opener;
    this.keeper = keeper;
    this.patience = patience;
    this.publish = publish;
    this.told = told;
    this.linter = new Linter(vertx, new SystemTicker(), ITSELF);
    this.behind =
        new WriteBehind<>(
            vertx,
            keeper::write,
            cause -> LOG.warn("it cannot be kept for a restart: {}", cause.getMessage()));
  }

  /** Whether configuration can come from there. */
  static boolean opens(String source, SourceOpener opener) {
    return source.startsWith(FOLDER) || opener.opens(source);
  }

  /**
   * Opens all sources.
   *
   * @return done once there is a configuration, or a source is waited for; fails with a sentence
   *     where a folder cannot be read, or all was read and has errors, and nothing was kept
   */
  Future<Void> open(List<String> sources) {
    status =
        new AdminView.Config(
            "0", Instant.EPOCH, Duration.ZERO, sources, List.of(), 0, Optional.empty());
    units = new ConfigUnits(sources);
    Future<?> all =
        context.executeBlocking(keeper::read).onSuccess(units::remember).<Void>mapEmpty();
    for (String source : sources) {
      all = all.compose(before -> source.startsWith(FOLDER) ? folder(source) : other(source));
    }
    return all.compose(
        done ->
            context
                .executeBlocking(units::waits)
                .compose(
                    waits ->
                        published || waits
                            ? Future.succeededFuture()
                            : Future.failedFuture(
                                "the configuration has errors (./weft check tells them)")));
  }

  private Future<Void> other(String source) {
    return context
        .executeBlocking(
            () ->
                opener.open(
                    vertx,
                    source,
                    changes -> context.runOnContext(now -> changed(source, changes)),
                    failure -> context.runOnContext(now -> failed(source, failure))))
        .onSuccess(
            watched -> {
              opened.add(watched);
              vertx.setTimer(patience.toMillis(), silent -> restored(source));
            })
        .mapEmpty();
  }

  private Future<Void> folder(String source) {
    DirectorySource folder =
        new DirectorySource(
            Path.of(source.substring(FOLDER.length())),
            documents -> context.runOnContext(now -> changed(source, Map.of(source, documents))),
            Configuration::stays);
    opened.add(folder);
    folders.put(source, folder);
    return context
        .executeBlocking(folder::open)
        .compose(
            first -> {
              Future<Void> taken = changed(source, Map.of(source, first));
              folder.start(); // after it: what it tells is newer
              return taken;
            },
            cause -> without(source, folder, cause));
  }

  /** A folder that is not there: what it held when it was published last stands for it. */
  private Future<Void> without(String source, DirectorySource folder, Throwable cause) {
    String why = "--config " + source + ": " + cause.getMessage();
    return context
        .executeBlocking(
            () -> {
              if (!units.keeps(source)) {
                throw new IOException(why, cause);
              }
              folder.startWithout();
              return source;
            })
        .compose(kept -> failed(source, why));
  }

  private Future<Void> failed(String source, String failure) {
    if (closed) {
      return Future.succeededFuture();
    }
    stays(failure);
    return restored(source);
  }

  private static void stays(String failure) {
    LOG.warn("{}; what was read before stays", failure);
  }

  /** What a source held stands for it, unless it has told what it has. */
  private Future<Void> restored(String source) {
    return taken(
        source + " (last good)",
        () -> {
          if (units.keeps(source)) {
            LOG.warn("the last good configuration of {} serves until it can be read", source);
          }
          return units.restored(source);
        });
  }

  private Future<Void> changed(String source, Map<String, List<ConfigDocument>> changes) {
    return taken(source, () -> units.change(source, changes));
  }

  /** The versions that were published. */
  ConfigHistory history() {
    return history;
  }

  /** What was published, and the way back to it. */
  HistoryPages pages() {
    return new HistoryPages(vertx, new Rollback(vertx, history, this::change, this::writer));
  }

  /** The weights of rules, where they are written. */
  CanaryPages.Configured weights() {
    return new CanaryPages.Configured(history, this::change, this::writer);
  }

  private Optional<SourceWriter> writer(String source) {
    return Optional.ofNullable(folders.get(source))
        .map(DirectorySource::writer)
        .or(() -> opener.writer(vertx, source));
  }

  /** Makes a change that was asked for, in its turn, and publishes it. Any thread. */
  private Future<Void> change(SourceChange change, String cause) {
    return read(cause, () -> change.on(units));
  }

  private Future<Void> taken(String cause, Callable<ConfigUnits.Outcome> reading) {
    return read(cause, reading)
        .onFailure(fault -> LOG.error("a change cannot be read; what was published stays", fault));
  }

  /** On a worker, in the order of the calls. */
  private Future<Void> read(String cause, Callable<ConfigUnits.Outcome> reading) {
    Instant begun = Instant.now();
    return context
        .executeBlocking(() -> read(reading.call()))
        .onSuccess(
            read -> {
              boolean news =
                  refused
                      || history
                          .current()
                          .filter(now -> now.units().equals(read.reading.good()))
                          .isEmpty();
              refused = read.outcome.refused() || (refused && read.outcome.config().isEmpty());
              serve(cause, read, news);
              tell(begun, read, news);
            })
        .mapEmpty();
  }

  private Read read(ConfigUnits.Outcome outcome) {
    Reading reading = new Reading(units.wanted(), units.good(), units.problems());
    return new Read(outcome, units.waits(), units.trial(), reading, units.texts());
  }

  private void serve(String cause, Read read, boolean news) {
    ConfigUnits.Outcome outcome = read.outcome;
    trial = read.trial;
    texts = read.texts;
    warned.news(outcome.problems()).forEach(problem -> LOG.warn("{}", problem));
    if (outcome.refused()) {
      long errors = outcome.problems().stream().filter(Problem::error).count();
      LOG.warn("not applied: {} errors; what was published of it stays", errors);
    }
    if (read.waits && !published) {
      LOG.info("nothing is published before every source has told what it has");
    }
    outcome
        .config()
        .filter(any -> news) // a folder tells again what was written into it
        .ifPresent(
            config -> {
              published = true;
              serving = config;
              behind.keep(read.reading.good());
              long version = publish.applyAsLong(config);
              history.applied(version, Instant.now(), cause, read.reading.good());
              linter.served(version, config, read.reading.problems());
            });
    if (!read.waits) {
      told.accept(read.reading);
    }
  }

  private void tell(Instant begun, Read read, boolean news) {
    AdminView.Config before = status;
    boolean serves = read.outcome.config().isPresent() && news;
    Instant now = Instant.now();
    status =
        new AdminView.Config(
            history.current().map(one -> Long.toString(one.version())).orElse("0"),
            serves ? now : before.applied(),
            serves ? Duration.between(begun, now) : before.took(),
            before.sources(),
            read.reading.problems(),
            before.rejected() + (read.outcome.refused() ? 1 : 0),
            Optional.empty());
  }

  /** What is published, and the problems of what is wanted. Any thread. */
  AdminView.Config status() {
    return linter.with(status);
  }

  /** The texts that these problems stand in. Any thread. */
  List<ConfigDocument> texts() {
    return texts;
  }

  /** What was published last. Any thread. */
  MeshConfig serving() {
    return serving;
  }

  /** What is wanted now, to try an edit on. Any thread. */
  Trial trial() {
    return trial;
  }

  /** Done once what was published is on disk. */
  Future<Void> flushed() {
    return behind.flushed();
  }

  /** Ends the watching. Not for event loops. */
  @Override
  public void close() {
    closed = true;
    for (AutoCloseable source : opened) {
      try {
        source.close();
      } catch (Exception e) {
        LOG.warn("closing: {}", e.getMessage());
      }
    }
  }
}
