package dev.weft.routing.process;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.ConfigHistory.Traffic;
import dev.weft.config.history.SourceWriter;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.source.DirectorySource;
import dev.weft.routing.admin.canary.CanaryPages;
import dev.weft.routing.admin.history.HistoryPages;
import dev.weft.routing.admin.history.Rollback;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.discovery.ControlAddresses;
import dev.weft.routing.discovery.ControlStream;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.process.lint.Linter;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotCompiler;
import dev.weft.routing.snapshot.SnapshotStore;
import dev.weft.routing.transport.MeshCredentials;
import dev.weft.routing.verticle.ConfigVerticle;
import dev.weft.routing.verticle.Listening;
import dev.weft.routing.verticle.WriteBehind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code --config} sources of a proxy: folders, the control plane, and what a module above
 * knows.
 */
final class ConfigSources implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ConfigSources.class);
  private static final String FOLDER = "dir:";
  private static final String CONTROL = "control:";

  private final ProxyOptions options;
  private final Optional<SourceOpener> opener;
  private final MeshCredentials credentials;
  private final SnapshotStore store;
  private final Supplier<Standing> standing;
  private final LastGood lastGood;
  private final List<AutoCloseable> sources = new ArrayList<>();
  private final Map<String, DirectorySource> folders = new ConcurrentHashMap<>();

  /**
   * @param standing of this proxy, for the control plane
   */
  ConfigSources(
      ProxyOptions options,
      Optional<SourceOpener> opener,
      MeshCredentials credentials,
      SnapshotStore store,
      Supplier<Standing> standing) {
    this.standing = standing;
    this.options = options;
    this.opener = opener;
    this.credentials = credentials;
    this.store = store;
    this.lastGood = new LastGood(options.stateDir());
  }

  /**
   * What reads and compiles all that these sources tell.
   *
   * @param linter looks at it, unless it comes from a control plane, which does so for all
   */
  ConfigVerticle verticle(
      SnapshotCompiler compiler,
      Ticker ticker,
      Function<Snapshot, Future<Void>> published,
      Linter linter) {
    List<String> told =
        options.config().stream().filter(source -> !source.startsWith(CONTROL)).toList();
    ConfigVerticle verticle =
        new ConfigVerticle(compiler, store, ticker, published, lastGood, told);
    if (!told.isEmpty()) {
      verticle.telling(linter::served);
    }
    return verticle;
  }

  /** Refuses, as a usage error, what can never be opened. */
  void check() {
    for (String source : options.config()) {
      boolean known =
          source.startsWith(FOLDER) || opener.filter(more -> more.opens(source)).isPresent();
      if (!known) {
        control(options, "--config", source);
        if (options.config().size() > 1) {
          throw options.usage("--config " + source + " (expected: no other --config beside it)");
        }
        if (options.identity().isEmpty()) {
          throw options.usage(
              "--config "
                  + source
                  + " needs --identity, since the control plane talks to workloads of the mesh only");
        }
      }
    }
    options
        .identity()
        .filter(wanted -> !wanted.startsWith(FOLDER))
        .ifPresent(wanted -> control(options, "--identity", wanted));
    options.controlAdmin();
  }

  /** What served, and the way back to it. */
  HistoryPages pages(Vertx made, ConfigVerticle config, Supplier<Traffic> traffic) {
    config.history().counting(traffic);
    return new HistoryPages(
        made, new Rollback(made, config.history(), config::change, source -> writer(made, source)));
  }

  /** The weights of rules, where they are written. */
  CanaryPages.Configured weights(Vertx made, ConfigVerticle config) {
    return new CanaryPages.Configured(
        config.history(), config::change, source -> writer(made, source));
  }

  private Optional<SourceWriter> writer(Vertx made, String source) {
    return Optional.ofNullable(folders.get(source))
        .map(DirectorySource::writer)
        .or(
            () ->
                opener
                    .filter(known -> known.opens(source))
                    .flatMap(known -> known.writer(made, source)));
  }

  /** Opens all of them; fails with a sentence where a folder cannot be read or has errors. */
  Future<Void> open(Vertx made, ConfigVerticle config) {
    Future<Void> all = Future.succeededFuture();
    for (String source : options.config()) {
      if (source.startsWith(FOLDER)) {
        Path folder = Path.of(source.substring(FOLDER.length()));
        all = all.compose(before -> folder(config, source, folder));
      } else if (opener.filter(known -> known.opens(source)).isPresent()) {
        SourceOpener known = opener.get();
        all = all.compose(before -> opened(made, config, source, known));
      } else {
        HostPort control = control(options, "--config", source);
        all = all.compose(before -> stream(made, config, source, control));
      }
    }
    return all;
  }

  /** Its texts come when it can be asked; what it held when it served last stands for them. */
  private Future<Void> opened(
      Vertx made, ConfigVerticle config, String source, SourceOpener known) {
    return made.executeBlocking(
            () ->
                known.open(
                    made,
                    source,
                    changes -> config.changed(source, changes),
                    failure -> LOG.warn("{}; what was read before stays", failure)))
        .recover(
            cause ->
                Future.failedFuture(
                    cause instanceof IllegalArgumentException
                        ? options.usage(said(source) + cause.getMessage())
                        : cause))
        .onSuccess(sources::add)
        .compose(opened -> config.restored(source))
        .onSuccess(
            kept -> {
              if (kept) {
                LOG.info("the last good configuration of {} serves until it answers", source);
              }
            })
        .mapEmpty();
  }

  /** {@code kubernetes:} has its colon. */
  private static String said(String source) {
    return "--config " + source + (source.endsWith(":") ? " " : ": ");
  }

  private Future<Void> stream(Vertx made, ConfigVerticle config, String source, HostPort control) {
    // what serves now serves after a restart too, whether its source is there or not
    WriteBehind<MeshConfig> behind =
        new WriteBehind<>(
            made,
            lastGood::streamed,
            cause -> LOG.warn("it cannot be kept for a restart: {}", cause.getMessage()));
    ControlStream stream =
        new ControlStream(
            made,
            ControlAddresses.of(made, control.host(), control.port()),
            credentials::toControl,
            credentials::told,
            new ControlStream.Own(
                next -> served(config, source, next).onSuccess(served -> behind.keep(next)),
                () -> store.current().isPresent(),
                standing));
    sources.add(stream);
    return made.executeBlocking(lastGood::streamed)
        .onSuccess(
            before -> {
              before.ifPresent(
                  kept -> {
                    LOG.info("the last good configuration serves until {} answers", source);
                    config.streamed(source + " (last good)", kept);
                  });
              stream.start();
            })
        .mapEmpty();
  }

  /** A version whose ports are not all free is no bad one: which they are is told beside it. */
  private Future<Void> served(ConfigVerticle config, String source, MeshConfig next) {
    return config
        .streamed(source, next)
        .recover(
            cause ->
                cause instanceof Listening.NotOpen
                    ? Future.succeededFuture()
                    : Future.failedFuture(cause));
  }

  private Future<Void> folder(ConfigVerticle config, String unit, Path folder) {
    DirectorySource watched =
        new DirectorySource(
            folder,
            documents -> config.changed(unit, Map.of(unit, documents)),
            failure -> LOG.warn("{}; what was read before stays", failure));
    folders.put(unit, watched);
    List<ConfigDocument> first;
    try {
      first = watched.open();
    } catch (IOException e) {
      return withoutFolder(config, unit, watched, String.valueOf(e.getMessage()));
    }
    sources.add(watched);
    Future<Void> applied = config.changed(unit, Map.of(unit, first));
    watched.start(); // after it: what it tells is newer
    return applied.compose(
        done ->
            store.current().isPresent() || config.waits()
                ? Future.succeededFuture()
                : Future.failedFuture(
                    "--config " + unit + " has errors (see above; ./weft check tells them)"));
  }

  /** A folder that is not there: what it held when it served last serves until it is. */
  private Future<Void> withoutFolder(
      ConfigVerticle config, String unit, DirectorySource watched, String why) {
    return config
        .restored(unit)
        .compose(
            serves -> {
              sources.add(watched);
              if (!serves) {
                return Future.failedFuture("--config " + unit + ": " + why);
              }
              LOG.warn("{}; the last good configuration serves until {} is there", why, unit);
              try {
                watched.startWithout();
              } catch (IOException e) {
                LOG.warn("{} is not watched: {}", unit, e.getMessage());
              }
              return Future.succeededFuture();
            });
  }

  /** Where a control plane is. */
  static HostPort control(ProxyOptions options, String flag, String text) {
    try {
      if (text.startsWith(CONTROL)) {
        return HostPort.parse(text.substring(CONTROL.length()), "127.0.0.1");
      }
    } catch (IllegalArgumentException e) {
      throw options.usage(flag + " " + text + ": " + e.getMessage());
    }
    throw options.usage(flag + " " + text + " (expected: dir:PATH or control:HOST:PORT)");
  }

  @Override
  public void close() {
    for (AutoCloseable source : sources) {
      try {
        source.close();
      } catch (Exception e) {
        LOG.warn("closing: {}", e.getMessage());
      }
    }
  }
}
