package dev.weft.kubernetes.watch;

import dev.weft.kubernetes.KubernetesFailure;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all sources that watch the API server share: one thread that looks after each change, 10 ms
 * after the last one, at the latest 100 ms after the first. A watch that fails is begun anew, from
 * a list, when {@link Pace} says; until it has listed all, what was seen before stays.
 *
 * <p>All that is called is called on that one thread, never at once and never after {@link #close}.
 */
public final class Watches implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Watches.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration CHECK = Duration.ofSeconds(5);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final String name;
  private final Pace pace;
  private final Watch.Home home = new Shared();
  private final Soon look;
  private final Consumer<String> failed;
  private final ScheduledThreadPoolExecutor thread;
  private final Promise<Void> first = Promise.promise();
  private final List<Watch<?>> all = new CopyOnWriteArrayList<>();
  private volatile List<ScheduledFuture<?>> regular = List.of();
  private volatile boolean closed;

  // below: only on the thread
  private int gates; // that are shut
  private boolean synced;

  /**
   * @param name of the source, for people
   * @param pace shared by all that ask the same API server
   * @param look is run once all watches have listed what there is, then after changes
   * @param failed gets one sentence of each trouble; the same only once in a row
   */
  public Watches(String name, Pace pace, Runnable look, Consumer<String> failed) {
    this.name = name;
    this.pace = pace;
    this.failed = failed;
    this.thread = new ScheduledThreadPoolExecutor(1, this::named);
    this.look = new Soon(thread, () -> tell(look));
    thread.setRemoveOnCancelPolicy(true);
  }

  /**
   * Adds a watch, before {@link #start}.
   *
   * @param informers makes one that was not started, at each attempt
   * @param seen gets each object that came or went, of one that changed what it was and what it is
   * @param sentence tells a failure
   */
  public <T extends HasMetadata> Watched<T> add(
      Supplier<SharedIndexInformer<T>> informers,
      Consumer<T> seen,
      Function<Throwable, String> sentence) {
    Watch<T> watch = new Watch<>(home, informers, seen, sentence);
    all.add(watch);
    return watch;
  }

  /** As {@link #add}, after the start; before the first look that waits for it. On the thread. */
  public <T extends HasMetadata> Watched<T> addNow(
      Supplier<SharedIndexInformer<T>> informers,
      Consumer<T> seen,
      Function<Throwable, String> sentence) {
    Watch<T> watch = new Watch<>(home, informers, seen, sentence);
    all.add(watch);
    watch.soon();
    return watch;
  }

  /** Ends one; what it knew was seen last. On the thread. */
  public <T> void remove(Watched<T> watched) {
    all.remove(watched);
    watched.end();
  }

  /** Before the start: the first look waits, too, until this is run on the thread, once. */
  public Runnable gate() {
    gates++;
    return () -> {
      gates--;
      listed();
    };
  }

  /**
   * Begins to watch.
   *
   * @return done after the first look; fails when all is closed before
   */
  public Future<Void> start() {
    regular = List.of(every(CHECK, Watch::watchOver), every(POLL, Watch::poll));
    all.forEach(Watch::soon);
    return first.future();
  }

  private ScheduledFuture<?> every(Duration pause, Consumer<Watch<?>> task) {
    long millis = pause.toMillis();
    return thread.scheduleWithFixedDelay(
        () -> all.forEach(task), millis, millis, TimeUnit.MILLISECONDS);
  }

  private void listed() {
    if (!synced && gates == 0 && all.stream().allMatch(Watch::listed)) {
      synced = true;
      look.now();
      first.tryComplete();
    } else {
      lookSoon();
    }
  }

  /** Whether changes are seen at the moment. */
  public boolean watching() {
    return all.stream().allMatch(Watch::watching);
  }

  /** Looks once more after a while, unless that is cancelled. On the thread. */
  public ScheduledFuture<?> lookAfter(Duration delay, Runnable before) {
    return thread.schedule(
        () -> {
          before.run();
          look.now();
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

  /** How long the API server asks to be left alone yet; zero where it does not. */
  public Duration left() {
    return pace.left();
  }

  /** Says a sentence that is no watch's trouble. On the thread. */
  public void say(String sentence) {
    tell(() -> failed.accept(sentence));
  }

  /** Ends the watching, within two seconds. Not for event loops. */
  @Override
  public void close() {
    closed = true;
    all.forEach(Watch::stop);
    regular.forEach(task -> task.cancel(false));
    thread.shutdownNow();
    first.tryFail(new KubernetesFailure(name + ": closed before the API server answered"));
    try {
      if (!thread.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{}: a listener is still at work", name);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    all.forEach(Watch::stop); // what was begun meanwhile
  }

  private void lookSoon() {
    if (synced) { // the first lists come whole
      look.soon();
    }
  }

  /** Runs something on the thread, unless closed. */
  public void onThread(Runnable task) {
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

  /** What each watch needs of all. */
  private final class Shared implements Watch.Home {

    @Override
    public String name() {
      return name;
    }

    @Override
    public Pace pace() {
      return pace;
    }

    @Override
    public ScheduledExecutorService thread() {
      return thread;
    }

    @Override
    public boolean closed() {
      return closed;
    }

    @Override
    public void onThread(Runnable task) {
      Watches.this.onThread(task);
    }

    @Override
    public void say(String sentence) {
      Watches.this.say(sentence);
    }

    @Override
    public void listed() {
      Watches.this.listed();
    }

    @Override
    public void changed() {
      lookSoon();
    }
  }
}
