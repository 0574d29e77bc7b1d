package dev.weft.routing.telemetry;

import dev.weft.routing.telemetry.line.LineBytes;
import dev.weft.routing.telemetry.line.LogFile;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line for each request or connection that is wanted, on a thread of its own. Event
 * loops put entries into a bounded ring and never wait: what does not fit is dropped and counted,
 * and so is what could not be written.
 *
 * <p>The thread sleeps while there is nothing to write and gathers for {@value #GATHER_MILLIS} ms
 * before it sleeps again, so that a loop wakes it at most fifty times a second, or once for each
 * {@value #ENOUGH} entries: those are still in the processor's cache then, and few enough for a
 * collection of garbage to copy. It keeps the last {@value #KEPT} of them in memory for whoever
 * looks after the fact, and of those before them the last {@value #KEPT} that failed.
 */
public final class AccessLog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final int GATHER_MILLIS = 20;
  private static final Duration GATHER = Duration.ofMillis(GATHER_MILLIS);
  private static final int ENOUGH = 128;
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int KEPT = 128;
  private static final int BATCH_BYTES = 64 * 1024;
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final Target target;
  private final MpscAtomicArrayQueue<AccessLine.Entry> ring;
  private final AtomicLong dropped = new AtomicLong();
  private final Deque<AccessLine.Entry> kept = new ArrayDeque<>(KEPT); // guarded by itself
  private final Deque<AccessLine.Entry> failed = new ArrayDeque<>(KEPT); // those before, likewise
  private final Thread writer;
  private final int enough; // entries to write before the time
  private volatile int wakeAt = NEVER; // entries in the ring at which the writer is woken
  private volatile boolean closed;

  private AccessLog(Target target, int capacity) {
    this.target = target;
    this.ring = new MpscAtomicArrayQueue<>(capacity);
    this.enough = Math.max(1, Math.min(ENOUGH, capacity / 2));
    this.writer = new Thread(this::drain, "weft-access-log");
    writer.setDaemon(true);
  }

  /** Where lines go. */
  @FunctionalInterface
  public interface Target {
    /** Opens it, for the first time or again after it was moved away or failed. */
    OutputStream open() throws IOException;

    /** Whether what was opened last is there no more, so that it is to be opened again. */
    default boolean moved() {
      return false;
    }

    /** Standard output. */
    static Target stdout() {
      return () ->
          new FileOutputStream(FileDescriptor.out) {
            @Override
            public void close() {
              // the process's own: stays open for whoever else writes there
            }
          };
    }

    /** The end of a file, which may be moved away at any time: the next line makes another. */
    static Target file(Path path) {
      LogFile file = new LogFile(path);
      return new Target() {
        @Override
        public OutputStream open() throws IOException {
          return file.open();
        }

        @Override
        public boolean moved() {
          return file.moved();
        }
      };
    }
  }

  /**
   * Opens and starts to write.
   *
   * @param capacity of the ring in entries; rounded up to a power of two
   * @throws IOException when {@code target} cannot be opened
   */
  public static AccessLog start(Target target, int capacity) throws IOException {
    OutputStream first = target.open();
    Target opening = new FirstThen(first, target);
    AccessLog log = new AccessLog(opening, capacity);
    log.writer.start();
    return log;
  }

  /** Takes an entry, or drops it. Any thread; never waits. */
  public void offer(AccessLine.Entry entry) {
    if (closed || !ring.offer(entry)) {
      dropped.incrementAndGet();
      return;
    }
    if (wakeAt != NEVER && ring.size() >= wakeAt) {
      wakeAt = NEVER;
      LockSupport.unpark(writer);
    }
  }

  /** Counts an entry that nobody made, since there would have been too many. Any thread. */
  public void lost() {
    dropped.incrementAndGet();
  }

  /** Lines lost so far. */
  public long dropped() {
    return dropped.get();
  }

  /**
   * The last entries, at most {@value #KEPT}, and as many of those before them that failed; oldest
   * first. They are here before their lines are written. Any thread.
   */
  public List<AccessLine.Entry> last() {
    synchronized (kept) {
      List<AccessLine.Entry> all = new ArrayList<>(failed);
      all.addAll(kept);
      return all;
    }
  }

  /** Writes what is in the ring and closes, within two seconds. Not for event loops. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(writer);
    try {
      writer.join(CLOSE_WITHIN.toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void drain() {
    Output output = new Output(target);
    while (true) {
      boolean last = closed; // read before the ring: what came before it is still written
      int written = batch(output);
      if (!last) {
        rest();
      } else if (written == 0) {
        break;
      }
    }
    output.close();
  }

  private int batch(Output output) {
    List<AccessLine.Entry> taken = new ArrayList<>(ENOUGH);
    while (output.size() < BATCH_BYTES) {
      AccessLine.Entry entry = ring.relaxedPoll();
      if (entry == null) {
        break;
      }
      taken.add(entry);
      output.add(entry);
    }
    if (!taken.isEmpty()) {
      keep(taken); // first: who reads a line may ask for its entry
      dropped.addAndGet(taken.size() - output.write());
    }
    return taken.size();
  }

  private void keep(List<AccessLine.Entry> taken) {
    synchronized (kept) {
      for (AccessLine.Entry entry : taken) {
        if (kept.size() == KEPT) {
          keepFailed(kept.removeFirst());
        }
        kept.addLast(entry);
      }
    }
  }

  private void keepFailed(AccessLine.Entry older) {
    if (older.failed()) {
      if (failed.size() == KEPT) {
        failed.removeFirst();
      }
      failed.addLast(older);
    }
  }

  /**
   * Until there is enough to write or the time is over; where nothing came in it, until it does.
   */
  private void rest() {
    wakeAt = enough;
    if (awaited(enough)) {
      LockSupport.parkNanos(this, GATHER.toNanos());
    }
    wakeAt = 1;
    if (awaited(1)) {
      LockSupport.park(this);
    }
    wakeAt = NEVER;
  }

  /** Whether fewer entries are there, and nothing else is to be done. */
  private boolean awaited(int entries) {
    return ring.size() < entries && !closed;
  }

  /** The open target and the lines that go to it next. Only the writer's thread enters. */
  private static final class Output {

    private final Target target;
    private final LineBytes lines = new LineBytes(BATCH_BYTES + 4096);
    private @Nullable OutputStream stream;
    private int waiting;
    private boolean failing;

    Output(Target target) {
      this.target = target;
    }

    int size() {
      return lines.size();
    }

    void add(AccessLine.Entry entry) {
      int before = lines.size();
      try {
        AccessLine.write(entry, lines);
        lines.end();
        waiting++;
      } catch (RuntimeException broken) {
        LOG.warn("access log: an entry could not be written: {}", broken.toString());
        lines.cut(before);
      }
    }

    /** Writes all lines; returns how many of them got through. */
    int write() {
      int through = waiting;
      waiting = 0;
      if (stream != null && target.moved()) {
        close();
      }
      try {
        OutputStream open = stream == null ? target.open() : stream;
        stream = open;
        lines.writeTo(open);
        open.flush();
        failing = false;
        return through;
      } catch (IOException broken) {
        if (!failing) {
          LOG.warn("access log: cannot be written, lines are lost: {}", broken.toString());
        }
        failing = true;
        close();
        return 0;
      } finally {
        lines.cut(0);
      }
    }

    void close() {
      OutputStream open = stream;
      stream = null;
      try {
        if (open != null) {
          open.close();
        }
      } catch (IOException broken) {
        LOG.warn("access log: closing failed: {}", broken.toString());
      }
    }
  }

  /** Gives what was opened already, and afterwards opens anew. Only the writer's thread asks. */
  private static final class FirstThen implements Target {

    private final Target target;
    private Optional<OutputStream> first;

    FirstThen(OutputStream first, Target target) {
      this.first = Optional.of(first);
      this.target = target;
    }

    @Override
    public OutputStream open() throws IOException {
      Optional<OutputStream> waiting = first;
      first = Optional.empty();
      return waiting.isPresent() ? waiting.get() : target.open();
    }

    @Override
    public boolean moved() {
      return target.moved();
    }
  }
}
