package dev.weft.routing.exchange.body;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one body has in memory: bytes that the side they go to did not take yet, or that are kept
 * for a further attempt. Each body has its own bounds, those of HTTP/2 about 300 KiB; many of them
 * that nobody reads are bounded together: while they hold more than an eighth of the heap, each
 * goes on piece by piece, and no more is kept. Pieces of up to {@link #SMALL} bytes are not
 * counted, as most bodies have no other.
 *
 * <p>On the body's event loop only; what all of a process have may be read anywhere.
 */
public final class Buffered {

  static final int SMALL = 1 << 12;

  private static final Room PROCESS = new Room(Runtime.getRuntime().maxMemory() >> 3);

  private final Room room;
  private boolean waits;

  Buffered(Room room) {
    this.room = room;
  }

  /** Of a body of this process. */
  public static Buffered inProcess() {
    return new Buffered(PROCESS);
  }

  /** Bytes that all bodies of this process have. */
  public static long bytes() {
    return PROCESS.bytes.get();
  }

  /** What many bodies share. */
  static final class Room {

    private final long plenty;
    private final AtomicLong bytes = new AtomicLong();

    /**
     * @param plenty bytes from which on it is scarce
     */
    Room(long plenty) {
      this.plenty = plenty;
    }

    long taken() {
      return bytes.get();
    }
  }

  boolean scarce() {
    return room.bytes.get() > room.plenty;
  }

  /** Whether it goes on once a piece is taken, though its sink has room for more. */
  public boolean waits() {
    return waits;
  }

  void take(long bytes) {
    room.bytes.addAndGet(bytes);
  }

  void give(long bytes) {
    room.bytes.addAndGet(-bytes);
  }

  /** Counts a piece until it is {@code written}. */
  public void until(Future<Void> written, int bytes) {
    if (bytes > SMALL && !written.isComplete()) {
      take(bytes);
      written.onComplete(done -> give(bytes));
    }
  }

  /**
   * Has {@code source} wait where {@code sink} takes no more for now.
   *
   * @param written of the last piece that the sink was given
   * @param more runs when it takes more
   * @return whether the source waits
   */
  public boolean pace(
      ReadStream<Buffer> source, WriteStream<Buffer> sink, Future<Void> written, Runnable more) {
    if (sink.writeQueueFull()) {
      source.pause();
      sink.drainHandler(drained -> more.run());
      return true;
    }
    if (scarce() && !written.isComplete()) {
      waits = true;
      source.pause();
      written.onComplete(
          done -> {
            waits = false;
            more.run();
          });
      return true;
    }
    return false;
  }
}
