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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells all readers once a second what changed, as server-sent events: one {@code snapshot}, then
 * {@code delta}s. The last half minute of these is kept, so that who returns with the {@code
 * Last-Event-ID} of one of them goes on where it was. While nobody reads nothing is looked at.
 *
 * <p>Belongs to one event loop.
 */
final class LiveFeed {

  /** Who read at once. */
  static final int MOST_READERS = 8;

  private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int KEPT = 30;
  private static final int PATIENCE = 3; // looks for a reader that is awaited

  private final Timers timers;
  private final Supplier<Future<Look>> looks;
  private final List<LiveReader> readers = new ArrayList<>();
  private final List<Coming> coming = new ArrayList<>();
  private final Deque<Event> kept = new ArrayDeque<>();
  private LiveState state = new LiveState();
  private @Nullable Look last;
  private long run; // when it began; where it begins anew the numbers of edges mean nothing
  private long number;
  private boolean going;
  private int patience; // looks that are taken though nobody reads
  private @Nullable Buffer written; // the snapshot of the last look, where it was needed

  private record Event(String id, Buffer text) {}

  /** A reader that waits for its first event. */
  private record Coming(LiveReader reader, String lastId) {}

  /**
   * @param looks at everything, off the event loop, completed on it
   */
  LiveFeed(Timers timers, Supplier<Future<Look>> looks) {
    this.timers = timers;
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
    } else if (last != null) {
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

  private void look() {
    looks
        .get()
        .onSuccess(this::tell)
        .onFailure(failed -> LOG.warn("dashboard: nothing to tell: {}", failed.toString()))
        .onComplete(any -> timers.after(EVERY, this::next));
  }

  private void next() {
    patience--;
    if (readers.isEmpty() && coming.isEmpty() && patience <= 0) {
      going = false;
      last = null;
      written = null;
      kept.clear();
    } else {
      look();
    }
  }

  private void tell(Look look) {
    last = look;
    run = run == 0 ? look.epochMillis() : run;
    number++;
    Event event = event("delta", state.changed(look));
    kept.add(event);
    if (kept.size() > KEPT) {
      kept.remove();
    }
    written = null;
    readers.removeIf(reader -> !reader.tell(event.text, () -> snapshot(look)));
    admit();
    if (readers.isEmpty()) {
      snapshot(look); // of one that is awaited
    }
  }

  private void admit() {
    Look now = last;
    if (now == null) {
      return;
    }
    for (Coming one : coming) {
      one.reader.begin(missed(one.lastId, now));
      readers.add(one.reader);
    }
    coming.clear();
  }

  private Buffer missed(String lastId, Look now) {
    boolean known = kept.stream().anyMatch(event -> event.id.equals(lastId));
    if (!known) {
      return snapshot(now);
    }
    Buffer since = Buffer.buffer(":\n\n");
    boolean after = false;
    for (Event event : kept) {
      if (after) {
        since.appendBuffer(event.text);
      }
      after |= event.id.equals(lastId);
    }
    return since;
  }

  /** Written once, however many need it. */
  private Buffer snapshot(Look look) {
    Buffer known = written;
    if (known == null) {
      known = event("snapshot", state.all(look)).text;
      written = known;
    }
    return known;
  }

  private Event event(String name, JsonObject data) {
    String id = run + "-" + number;
    return new Event(
        id, Buffer.buffer("id: " + id + "\nevent: " + name + "\ndata: " + data.encode() + "\n\n"));
  }
}
