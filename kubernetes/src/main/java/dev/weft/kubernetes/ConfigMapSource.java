package dev.weft.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code configmap:...}: configuration from ConfigMaps, watched through the API server without
 * polling. All selected ConfigMaps are told together after each change: 10 ms after the last one,
 * at the latest 100 ms after the first.
 *
 * <p>A ConfigMap vanishes from what is told only when the API server said that it is gone. While it
 * cannot be asked, what was told before stays: trouble is never taken for emptiness.
 *
 * <p>Listeners are called on one thread of this source, never at once and never after {@link
 * #close}.
 */
public final class ConfigMapSource implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ConfigMapSource.class);
  private static final Duration QUIET = Duration.ofMillis(10);
  private static final Duration LATEST = Duration.ofMillis(100);
  private static final Duration CHECK = Duration.ofSeconds(5);
  private static final int UNWATCHED_CHECKS = 2; // in a row: a restart of the server is no trouble
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final KubernetesApi api;
  private final ConfigMapSelection selection;
  private final Consumer<List<ConfigMapUnit>> changed;
  private final Consumer<String> failed;
  private final ScheduledThreadPoolExecutor thread;
  private final SharedIndexInformer<ConfigMap> informer;
  private volatile boolean closed;

  // below: only on the source's thread
  private Optional<List<ConfigMapUnit>> told = Optional.empty();
  private Optional<String> trouble = Optional.empty();
  private Set<String> binary = Set.of(); // said of binaryData
  private @Nullable ScheduledFuture<?> quiet;
  private @Nullable ScheduledFuture<?> latest;
  private boolean synced;
  private int unwatched;

  /**
   * @param changed gets all selected ConfigMaps, by name: once in the beginning, then after each
   *     change of their contents
   * @param failed gets one sentence when the API server cannot be asked, when changes are not seen
   *     for about ten seconds, when the one ConfigMap is not there, or when one has {@code
   *     binaryData}, which is not read; the same sentence only once in a row
   */
  public ConfigMapSource(
      KubernetesApi api,
      ConfigMapSelection selection,
      Consumer<List<ConfigMapUnit>> changed,
      Consumer<String> failed) {
    this.api = api;
    this.selection = selection;
    this.changed = changed;
    this.failed = failed;
    this.thread = new ScheduledThreadPoolExecutor(1, task -> named(task, selection));
    thread.setRemoveOnCancelPolicy(true);
    this.informer = informer();
  }

  /**
   * Begins to watch. While the API server cannot be asked it is tried again, with growing pauses.
   *
   * @return done after the first call of {@code changed}; fails when the source is closed before
   */
  public Future<Void> start() {
    Promise<Void> first = Promise.promise();
    informer
        .start()
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                onThread(
                    () -> {
                      synced = true;
                      tell();
                      first.tryComplete();
                    });
              }
            });
    ScheduledFuture<?> untilClosed =
        thread.scheduleWithFixedDelay(
            this::watchOver, CHECK.toMillis(), CHECK.toMillis(), TimeUnit.MILLISECONDS);
    informer
        .stopped()
        .whenComplete(
            (done, failure) -> {
              untilClosed.cancel(false);
              first.tryFail(ended());
            });
    return first.future();
  }

  /** Whether changes are seen at the moment. */
  public boolean watching() {
    return informer.isWatching();
  }

  /** Ends the watching, within two seconds. Not for event loops. */
  @Override
  public void close() {
    closed = true;
    informer.stop();
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{}: a listener is still at work", selection);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private FilterWatchListDeletable<ConfigMap, ConfigMapList, Resource<ConfigMap>> selected() {
    var namespaced = api.client().configMaps().inNamespace(selection.namespace());
    return selection.name().isPresent()
        ? namespaced.withField("metadata.name", selection.name().get())
        : namespaced.withLabelSelector(selection.selector().orElse(""));
  }

  private SharedIndexInformer<ConfigMap> informer() {
    return selected()
        .runnableInformer(0)
        .exceptionHandler(this::retry)
        .addEventHandler(new Changes());
  }

  /** The informer renews a lost watch by itself, and says nothing while it does not succeed. */
  private void watchOver() {
    if (!synced) {
      return;
    }
    if (informer.isWatching()) {
      trouble = unwatched < UNWATCHED_CHECKS ? trouble : Optional.empty();
      unwatched = 0;
      return;
    }
    unwatched++;
    if (unwatched >= UNWATCHED_CHECKS) {
      fail(whyUnwatched());
    }
  }

  private String whyUnwatched() {
    try {
      selected().list(new ListOptionsBuilder().withLimit(1L).build());
      return selection + ": changes are not seen: the watch does not come up";
    } catch (RuntimeException failure) {
      return ApiFailures.sentence(selection.toString(), api.server(), failure);
    }
  }

  private boolean retry(boolean started, Throwable failure) {
    onThread(() -> fail(ApiFailures.sentence(selection.toString(), api.server(), failure)));
    return !closed;
  }

  private void changedSomething() {
    if (!synced) {
      return; // the first list comes whole
    }
    if (quiet != null) {
      quiet.cancel(false);
    }
    quiet = after(QUIET);
    if (latest == null) {
      latest = after(LATEST);
    }
  }

  private ScheduledFuture<?> after(Duration delay) {
    return thread.schedule(this::tell, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void tell() {
    if (quiet != null) {
      quiet.cancel(false);
    }
    if (latest != null) {
      latest.cancel(false);
    }
    latest = null;
    List<ConfigMap> maps = informer.getStore().list();
    List<ConfigMapUnit> now =
        maps.stream()
            .map(ConfigMapSource::unit)
            .sorted(Comparator.comparing(ConfigMapUnit::name))
            .toList();
    trouble = Optional.empty();
    if (now.isEmpty() && selection.name().isPresent()) {
      fail(selection + ": there is no such ConfigMap");
    }
    unread(maps);
    if (!closed && !told.equals(Optional.of(now))) {
      told = Optional.of(now);
      heard(() -> changed.accept(now));
    }
  }

  /** Bytes are nobody's rules: said once, and again once they were away. */
  private void unread(List<ConfigMap> maps) {
    Set<String> found =
        maps.stream()
            .filter(map -> map.getBinaryData() != null && !map.getBinaryData().isEmpty())
            .map(ConfigMapSource::unread)
            .collect(Collectors.toCollection(TreeSet::new));
    found.stream()
        .filter(sentence -> !closed && !binary.contains(sentence))
        .forEach(sentence -> heard(() -> failed.accept(sentence)));
    binary = found;
  }

  private static String unread(ConfigMap map) {
    return ConfigMapUnit.unread(
        map.getMetadata().getNamespace(),
        map.getMetadata().getName(),
        map.getBinaryData().keySet());
  }

  private void fail(String sentence) {
    if (!closed && !trouble.equals(Optional.of(sentence))) {
      trouble = Optional.of(sentence);
      heard(() -> failed.accept(sentence));
    }
  }

  private void heard(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException broken) {
      LOG.error("{}: a listener failed", selection, broken);
    }
  }

  private void onThread(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException over) {
      LOG.debug("{}: closed", selection);
    }
  }

  private KubernetesFailure ended() {
    return new KubernetesFailure(selection + ": closed before the API server answered");
  }

  private static ConfigMapUnit unit(ConfigMap map) {
    Map<String, String> data = map.getData();
    return ConfigMapUnit.of(
        map.getMetadata().getNamespace(),
        map.getMetadata().getName(),
        data == null ? Map.of() : data);
  }

  private static Thread named(Runnable task, ConfigMapSelection selection) {
    Thread thread = new Thread(task, "weft-" + selection);
    thread.setDaemon(true);
    return thread;
  }

  /** Every event means the same: look again. */
  private final class Changes implements ResourceEventHandler<ConfigMap> {

    @Override
    public void onList(String version, boolean remainedEmpty) {
      onThread(ConfigMapSource.this::changedSomething); // what failed before works again
    }

    @Override
    public void onAdd(ConfigMap added) {
      onThread(ConfigMapSource.this::changedSomething);
    }

    @Override
    public void onUpdate(ConfigMap before, ConfigMap after) {
      onThread(ConfigMapSource.this::changedSomething);
    }

    @Override
    public void onDelete(ConfigMap deleted, boolean stale) {
      onThread(ConfigMapSource.this::changedSomething);
    }
  }
}
