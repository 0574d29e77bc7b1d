package dev.weft.kubernetes.watch;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.Indexer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A watch that is begun anew where it fails. An event is no news by itself: what there is now is in
 * the informer's store.
 */
final class Watch<T extends HasMetadata> implements Watched<T> {

  private static final int POLLS_TO_PROVE = 2; // that a watch holds
  private static final int POLLS_TO_MISS = 10; // of one that is renewed by its informer
  private static final int UNWATCHED_CHECKS = 2; // in a row: a restart of the server is no trouble
  private static final int UNLISTED_CHECKS = 12; // one that lists very many, page by page

  private final Home home;
  private final Supplier<SharedIndexInformer<T>> informers;
  private final Consumer<T> seen;
  private final Function<Throwable, String> sentence;
  private volatile SharedIndexInformer<T> serving; // the last that listed all
  private volatile SharedIndexInformer<T> newest;

  private final Ticker ticker = new SystemTicker();

  // below: only on the thread
  private Optional<String> trouble = Optional.empty();
  private boolean listed;
  private boolean waits = true; // for its turn
  private boolean ended;
  private boolean held; // for a while
  private boolean brief; // held, but not for long, and again
  private int failures;
  private int unwatched; // checks in a row
  private int missed; // polls in a row
  private int proven; // likewise
  private long began;

  /**
   * @param informers makes one that was not started, at each attempt
   * @param seen gets each object that came or went, of one that changed what it was and what it is
   * @param sentence tells a failure
   */
  Watch(
      Home home,
      Supplier<SharedIndexInformer<T>> informers,
      Consumer<T> seen,
      Function<Throwable, String> sentence) {
    this.home = home;
    this.informers = informers;
    this.seen = seen;
    this.sentence = sentence;
    this.serving = informers.get();
    this.newest = serving;
  }

  /** Who has it. */
  interface Home {

    String name();

    Pace pace();

    /** The one thread of all that is called. */
    ScheduledExecutorService thread();

    boolean closed();

    void onThread(Runnable task);

    void say(String sentence);

    /** One has listed what there is. On the thread. */
    void listed();

    /** Something changed. On the thread. */
    void changed();
  }

  /** Begins when its turn has come. */
  void soon() {
    home.pace().again(home.thread(), 0, ticker.nanos(), false, this::begin);
  }

  /** Whether it has listed what there is. */
  boolean listed() {
    return listed;
  }

  @Override
  public Indexer<T> known() {
    return serving.getIndexer();
  }

  @Override
  public boolean watching() {
    return serving.isWatching();
  }

  @Override
  public void end() {
    newest.stop();
    stop();
    List<T> last = known().list();
    serving = informers.get(); // that knows nothing
    newest = serving;
    waits = true;
    ended = true;
    last.forEach(seen);
    home.changed();
  }

  void begin() {
    if (home.closed() || ended) {
      return;
    }
    waits = false;
    began = ticker.nanos();
    unwatched = 0;
    SharedIndexInformer<T> attempt = began(informers.get());
    newest = attempt;
    attempt
        .start()
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                home.onThread(() -> take(attempt));
              }
            });
  }

  private SharedIndexInformer<T> began(SharedIndexInformer<T> attempt) {
    return attempt
        .exceptionHandler(
            (started, failure) -> {
              home.onThread(() -> lost(attempt, sentence.apply(failure)));
              return !home.closed(); // it is stopped before it tries by itself
            })
        .addEventHandler(new Events(attempt));
  }

  /** Takes what it listed in place of what was seen before. */
  private void take(SharedIndexInformer<T> attempt) {
    if (attempt != newest || home.closed()) {
      attempt.stop();
      return;
    }
    Indexer<T> before = known();
    serving = attempt;
    boolean initial = !listed;
    listed = true;
    missed = 0;
    proven = 0;
    held = false;
    home.pace().broken(this, false);
    before.list().stream()
        .filter(object -> known().getByKey(Cache.metaNamespaceKeyFunc(object)) == null)
        .forEach(seen);
    known().list().forEach(seen);
    trouble = Optional.empty();
    if (initial) {
      home.pace().works(); // the others need not wait at a start
    }
    home.listed();
  }

  private void lost(SharedIndexInformer<T> attempt, String why) {
    attempt.stop();
    if (attempt != newest || waits || home.closed()) {
      return;
    }
    boolean told = failures > 0 || attempt != serving; // that a watch ends is nothing yet
    brief = attempt == serving && failures > 0 && held;
    home.pace().broken(this, true); // so that others that ended with it are asked for in turn, too
    failures++;
    waits = true;
    if (told) {
      fail(why);
    }
    home.pace().again(home.thread(), failures, began, brief, this::begin);
  }

  /**
   * A watch that ended alone is renewed by its informer, without a list; where several did, the API
   * server fails, and what would ask it at once is asked for in turn.
   */
  void poll() {
    if (waits || newest != serving) {
      return;
    }
    boolean watched = serving.isWatching();
    home.pace().broken(this, !watched);
    proven = watched ? proven + 1 : 0;
    missed = watched ? 0 : missed + 1;
    if (proven == POLLS_TO_PROVE) {
      held = true;
      if (!brief) {
        home.pace().works();
      }
    }
    if (missed >= (failures > 0 || home.pace().failing() ? 1 : POLLS_TO_MISS)) {
      lost(serving, home.name() + ": changes are not seen: the watch does not come up");
    }
  }

  /** An informer may wait, or be without a watch, and say nothing. */
  void watchOver() {
    if (waits) {
      return;
    }
    if (newest == serving && serving.isWatching()) {
      unwatched = 0;
      failures = 0;
      brief = false;
      return;
    }
    unwatched++;
    if (unwatched >= (newest.hasSynced() ? UNWATCHED_CHECKS : UNLISTED_CHECKS)) {
      lost(newest, home.name() + ": changes are not seen: the watch does not come up");
    }
  }

  private void fail(String told) {
    if (!trouble.equals(Optional.of(told))) {
      trouble = Optional.of(told);
      home.say(told);
    }
  }

  void stop() {
    home.pace().broken(this, false);
    newest.stop();
    serving.stop();
  }

  /** Of one attempt. */
  private final class Events implements ResourceEventHandler<T> {

    private final SharedIndexInformer<T> attempt;

    private Events(SharedIndexInformer<T> attempt) {
      this.attempt = attempt;
    }

    /** What an attempt lists is looked at when it has listed all. */
    private void changed(List<T> objects) {
      home.onThread(
          () -> {
            if (attempt == serving) {
              objects.forEach(seen);
              trouble = Optional.empty(); // what failed before works again
              home.changed();
            }
          });
    }

    @Override
    public void onList(String version, boolean remainedEmpty) {
      changed(List.of());
    }

    @Override
    public void onAdd(T added) {
      changed(List.of(added));
    }

    @Override
    public void onUpdate(T before, T after) {
      changed(List.of(before, after));
    }

    @Override
    public void onDelete(T deleted, boolean stale) {
      changed(List.of(deleted));
    }
  }
}
