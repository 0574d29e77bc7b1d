package dev.weft.routing.admin.dashboard;

import dev.weft.routing.admin.dashboard.LiveState.Look;
import dev.weft.routing.clock.Timers;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells all readers once a second what changed, as server-sent events: one {@code snapshot}, then
 * {@code delta}s. The last half minute of these is kept, so that who returns with the {@code
 * Last-Event-ID} of one of them goes on where it was. While nobody reads nothing is looked at.
 *
 * <p>Belongs to one event loop. What is told is looked at and written on a worker, one look at a
 * time and the next one a second after it; a snapshot that a reader needs meanwhile takes its turn.
 */
final class LiveFeed {

  /** Who read at once. */
  static final int MOST_READERS = 8;

  private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int KEPT = 30;
  private static final int PATIENCE = 3; // looks for a reader that is awaited

  private final Timers timers;
  private final Worker worker;
  private final Callable<Look> looks;
  private final List<LiveReader> readers = new ArrayList<>();
  private final List<Coming> coming = new ArrayList<>();
  private final Deque<Event> kept = new ArrayDeque<>();
  private LiveState state = new LiveState(); // of the worker while it has a turn
  private Future<?> turn = Future.succeededFuture(); // the last one that the worker got
  private Optional<Look> last = Optional.empty();
  private Optional<Buffer> all = Optional.empty(); // the snapshot of the last look, where needed
  private long run; // when it began; where it begins anew the numbers of edges mean nothing
  private long number;
  private boolean going;
  private boolean looking;
  private boolean writing; // a snapshot
  private int patience; // looks that are taken though nobody reads

  private record Event(String id, Buffer text) {}

  /** What came of a look. */
  private record Told(Look look, long run, Event delta, Optional<Buffer> all) {}

  /** A reader that waits for its first event. */
  private record Coming(LiveReader reader, String lastId) {}

  /** Does what takes long elsewhere, and completes on the event loop. */
  interface Worker {
    <T> Future<T> run(Callable<T> work);
  }

  /**
   * @param looks at everything, on the worker
   */
  LiveFeed(Timers timers, Worker worker, Callable<Look> looks) {
    this.timers = timers;
    this.worker = worker;
    this.looks = looks;
  }

  /** Whether one more may read. */
  boolean room() {
    return readers.size() + coming.size() < MOST_READERS;
  }

  /**
   * Begins to tell; the head of the response is set already.
   *
   * @param lastId of the event that this reader got last; empty where it never read
   */
  void read(HttpServerResponse response, String lastId) {
    LiveReader reader = new LiveReader(response);
    response.closeHandler(closed -> left(reader)).exceptionHandler(failed -> left(reader));
    coming.add(new Coming(reader, lastId));
    if (!going) {
      begin();
    } else {
      admit();
    }
  }

  /**
   * Somebody will read soon: what to tell is looked at meanwhile, and written, so that a page of a
   * process that was never looked at does not wait for it.
   */
  void awaited() {
    patience = PATIENCE;
    if (!going) {
      begin();
    }
  }

  private void begin() {
    going = true;
    run = 0;
    number = 0;
    state = new LiveState();
    kept.clear();
    look();
  }

  private void left(LiveReader reader) {
    readers.remove(reader);
    coming.removeIf(one -> one.reader == reader);
  }

  private <T> Future<T> inTurn(Callable<T> work) {
    Future<T> mine = turn.transform(before -> worker.run(work));
    turn = mine;
    return mine;
  }

  private void look() {
    boolean whole = readers.isEmpty() || readers.stream().anyMatch(LiveReader::behind);
    LiveState mine = state;
    long began = run;
    long next = number + 1;
    looking = true;
    inTurn(() -> looked(mine, began, next, whole))
        .onComplete(done -> looking = false)
        .onSuccess(this::tell)
        .onFailure(failed -> LOG.warn("dashboard: nothing to tell: {}", failed.toString()))
        .onComplete(any -> timers.after(EVERY, this::next));
  }

  private Told looked(LiveState of, long began, long next, boolean whole) throws Exception {
    Look look = looks.call();
    long begun = began == 0 ? look.epochMillis() : began;
    String id = begun + "-" + next;
    Event delta = new Event(id, text(id, "delta", of.changed(look)));
    Optional<Buffer> snapshot =
        whole ? Optional.of(text(id, "snapshot", of.all(look))) : Optional.empty();
    return new Told(look, begun, delta, snapshot);
  }

  private void next() {
    patience--;
    if (readers.isEmpty() && coming.isEmpty() && patience <= 0) {
      going = false;
      last = Optional.empty();
      all = Optional.empty();
      kept.clear();
    } else {
      look();
    }
  }

  private void tell(Told told) {
    last = Optional.of(told.look);
    all = told.all;
    run = told.run;
    number++;
    kept.add(told.delta);
    if (kept.size() > KEPT) {
      kept.remove();
    }
    readers.removeIf(reader -> !reader.tell(told.delta.text, told.all));
    admit();
  }

  private void admit() {
    if (last.isEmpty()) {
      return;
    }
    coming.removeIf(
        one -> {
          Optional<Buffer> first = missed(one.lastId).or(() -> all);
          first.ifPresent(
              events -> {
                one.reader.begin(events);
                readers.add(one.reader);
              });
          return first.isPresent();
        });
    if (!coming.isEmpty() && !looking && !writing) {
      write(last.get());
    }
  }

  /** The snapshot of the last look, once, however many need it. */
  private void write(Look look) {
    LiveState mine = state;
    long of = number;
    String id = run + "-" + of;
    writing = true;
    inTurn(() -> text(id, "snapshot", mine.all(look)))
        .onComplete(done -> writing = false)
        .onFailure(failed -> LOG.warn("dashboard: no snapshot: {}", failed.toString()))
        .onSuccess(
            text -> {
              if (going && mine == state && of == number) {
                all = Optional.of(text);
                admit();
              }
            });
  }

  /** What came since an event; empty where that is not known any more. */
  private Optional<Buffer> missed(String lastId) {
    if (kept.stream().noneMatch(event -> event.id.equals(lastId))) {
      return Optional.empty();
    }
    Buffer since = Buffer.buffer(":\n\n");
    boolean after = false;
    for (Event event : kept) {
      if (after) {
        since.appendBuffer(event.text);
      }
      after |= event.id.equals(lastId);
    }
    return Optional.of(since);
  }

  private static Buffer text(String id, String name, JsonObject data) {
    return Buffer.buffer("id: " + id + "\nevent: " + name + "\ndata: " + data.encode() + "\n\n");
  }
}
