package dev.weft.routing.verticle;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Writes what serves for a restart, on a worker: the first at once, of those that follow within a
 * second the newest alone. A thousand edits are no thousand writings. One that could not be written
 * is tried again after a second, and then after pauses that double to a minute. Any thread.
 *
 * @param <T> what is written
 */
public final class WriteBehind<T> {

  private static final long PAUSE_MILLIS = 1000;
  private static final long LONGEST_PAUSE_MILLIS = 60_000;

  private final Vertx vertx;
  private final Writing<T> writing;
  private final Consumer<Throwable> failed;
  private Optional<T> wanted = Optional.empty();
  private Optional<T> written = Optional.empty();
  private boolean busy; // it is written, or the pause after it lasts
  private int failures; // in a row
  private Future<Void> last = Future.succeededFuture();

  /**
   * Writes one.
   *
   * @param <T> what is written
   */
  public interface Writing<T> {
    /** Called on a worker, one after the other. */
    void write(T value) throws Exception;
  }

  /**
   * @param failed hears each time why one could not be written
   */
  public WriteBehind(Vertx vertx, Writing<T> writing, Consumer<Throwable> failed) {
    this.vertx = vertx;
    this.writing = writing;
    this.failed = failed;
  }

  /** From now on this is to be written, unless it is there already. */
  public synchronized void keep(T value) {
    wanted = Optional.of(value);
    if (!busy) {
      next();
    }
  }

  /** Done once what was wanted last is written, without a pause, or could not be. */
  public synchronized Future<Void> flushed() {
    write();
    return last;
  }

  private synchronized void next() {
    busy = write();
    if (busy) {
      last.onComplete(done -> vertx.setTimer(pause(), over -> next()));
    }
  }

  private synchronized long pause() {
    return Math.min(LONGEST_PAUSE_MILLIS, PAUSE_MILLIS << Math.max(0, failures - 1));
  }

  /** Whether there is something new to be written. */
  private boolean write() {
    Optional<T> value = wanted.filter(one -> !written.equals(Optional.of(one)));
    wanted = Optional.empty();
    if (value.isEmpty()) {
      return false;
    }
    written = value;
    last =
        last.compose(before -> vertx.executeBlocking(() -> written(value.get())))
            .<Void>mapEmpty()
            .recover(
                cause -> {
                  lost(value.get());
                  failed.accept(cause);
                  return Future.succeededFuture();
                });
    return true;
  }

  private T written(T value) throws Exception {
    writing.write(value);
    done();
    return value;
  }

  private synchronized void done() {
    failures = 0;
  }

  /** It is wanted still, unless another one is by now. */
  private synchronized void lost(T value) {
    failures = Math.min(10, failures + 1); // longer than the longest pause
    if (written.equals(Optional.of(value))) { // no newer one is about to be written
      written = Optional.empty();
      wanted = wanted.or(() -> Optional.of(value));
    }
  }
}
