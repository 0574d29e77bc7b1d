package dev.weft.kubernetes;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all sources that watch the API server share: one thread that looks after each change, 10 ms
 * after the last one, at the latest 100 ms after the first; and somebody who notices that changes
 * are not seen. While the API server cannot be asked it is tried again, and what was seen stays.
 *
 * <p>All that is called is called on that one thread, never at once and never after {@link #close}.
 */
public final class Watches implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Watches.class);
  private static final Duration QUIET = Duration.ofMillis(10);
  private static final Duration LATEST = Duration.ofMillis(100);
  private static final Duration CHECK = Duration.ofSeconds(5);
  private static final int UNWATCHED_CHECKS = 2; // in a row: a restart of the server is no trouble
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final String name;
  private final Runnable look;
  private final Consumer<String> failed;
  private final ScheduledThreadPoolExecutor thread;
  private final List<Watch<?>> all = new ArrayList<>(); // complete before the start
  private volatile boolean closed;

  // below: only on the thread
  private @Nullable ScheduledFuture<?> quiet;
  private @Nullable ScheduledFuture<?> latest;
  private boolean synced;
  private int unlisted;

  /**
   * @param name of the source, for people
   * @param look is run once all watches have listed what there is, then after changes
   * @param failed gets one sentence of each trouble; the same only once in a row
   */
  public Watches(String name, Runnable look, Consumer<String> failed) {
    this.name = name;
    this.look = look;
    this.failed = failed;
    this.thread = new ScheduledThreadPoolExecutor(1, this::named);
    thread.setRemoveOnCancelPolicy(true);
  }

  /**
   * Adds a watch, before {@link #start}.
   *
   * @param informer that was not started
   * @param seen gets each object that came, changed or went
   * @param ask asks the API server for one of them, to find out why there is no watch
   * @param sentence tells a failure
   */
  public <T> SharedIndexInformer<T> add(
      SharedIndexInformer<T> informer,
      Consumer<T> seen,
      Runnable ask,
      Function<Throwable, String> sentence) {
    Watch<T> watch = new Watch<>(informer, seen, ask, sentence);
    informer.exceptionHandler(watch::retry).addEventHandler(watch);
    all.add(watch);
    return informer;
  }

  /**
   * Begins to watch.
   *
   * @return done after the first look; fails when all is closed before
   */
  public Future<Void> start() {
    Promise<Void> first = Promise.promise();
    unlisted = all.size();
    ScheduledFuture<?> untilClosed =
        thread.scheduleWithFixedDelay(
            () -> all.forEach(Watch::watchOver),
            CHECK.toMillis(),
            CHECK.toMillis(),
            TimeUnit.MILLISECONDS);
    for (Watch<?> watch : all) {
      watch
          .informer
          .start()
          .whenComplete(
              (done, failure) -> {
                if (failure == null) {
                  onThread(() -> listed(first));
                }
              });
      watch
          .informer
          .stopped()
          .whenComplete(
              (done, failure) -> {
                untilClosed.cancel(false);
                first.tryFail(
                    new KubernetesFailure(name + ": closed before the API server answered"));
              });
    }
    return first.future();
  }

  private void listed(Promise<Void> first) {
    unlisted--;
    if (unlisted == 0) {
      synced = true;
      lookNow();
      first.tryComplete();
    }
  }

  /** Whether changes are seen at the moment. */
  public boolean watching() {
    return all.stream().allMatch(watch -> watch.informer.isWatching());
  }

  /** Looks once more after a while, unless that is cancelled. On the thread. */
  public ScheduledFuture<?> lookAfter(Duration delay, Runnable before) {
    return thread.schedule(
        () -> {
          before.run();
          lookNow();
        },
        delay.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /** Tells a listener, unless closed. On the thread. */
  public void tell(Runnable listener) {
    if (closed) {
      return;
    }
    try {
      listener.run();
    } catch (RuntimeException broken) {
      LOG.error("{}: a listener failed", name, broken);
    }
  }

  /** Says a sentence that is no watch's trouble. On the thread. */
  public void say(String sentence) {
    tell(() -> failed.accept(sentence));
  }

  /** Ends the watching, within two seconds. Not for event loops. */
  @Override
  public void close() {
    closed = true;
    all.forEach(watch -> watch.informer.stop());
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{}: a listener is still at work", name);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void lookSoon() {
    if (!synced) {
      return; // the first lists come whole
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
    return thread.schedule(this::lookNow, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void lookNow() {
    if (quiet != null) {
      quiet.cancel(false);
    }
    if (latest != null) {
      latest.cancel(false);
    }
    latest = null;
    tell(look);
  }

  private void onThread(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException over) {
      LOG.debug("{}: closed", name);
    }
  }

  private Thread named(Runnable task) {
    Thread made = new Thread(task, "weft-" + name);
    made.setDaemon(true);
    return made;
  }

  /** One of them. An event is no news by itself: what there is now is in the informer's store. */
  private final class Watch<T> implements ResourceEventHandler<T> {

    private final SharedIndexInformer<T> informer;
    private final Consumer<T> seen;
    private final Runnable ask;
    private final Function<Throwable, String> sentence;

    // below: only on the thread
    private Optional<String> trouble = Optional.empty();
    private int unwatched;

    private Watch(
        SharedIndexInformer<T> informer,
        Consumer<T> seen,
        Runnable ask,
        Function<Throwable, String> sentence) {
      this.informer = informer;
      this.seen = seen;
      this.ask = ask;
      this.sentence = sentence;
    }

    private boolean retry(boolean started, Throwable failure) {
      onThread(() -> fail(sentence.apply(failure)));
      return !closed;
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
        ask.run();
        return name + ": changes are not seen: the watch does not come up";
      } catch (RuntimeException failure) {
        return sentence.apply(failure);
      }
    }

    private void fail(String told) {
      if (!trouble.equals(Optional.of(told))) {
        trouble = Optional.of(told);
        say(told);
      }
    }

    private void well() {
      trouble = Optional.empty(); // what failed before works again
      lookSoon();
    }

    private void changed(T object) {
      onThread(
          () -> {
            seen.accept(object);
            well();
          });
    }

    @Override
    public void onList(String version, boolean remainedEmpty) {
      onThread(this::well);
    }

    @Override
    public void onAdd(T added) {
      changed(added);
    }

    @Override
    public void onUpdate(T before, T after) {
      changed(after);
    }

    @Override
    public void onDelete(T deleted, boolean stale) {
      changed(deleted);
    }
  }
}
