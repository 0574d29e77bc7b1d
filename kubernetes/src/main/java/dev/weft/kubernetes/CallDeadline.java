package dev.weft.kubernetes;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Bounds calls of the API server as a whole. The client bounds the time to the head of an answer,
 * but waits for the rest of it without end: a call that is overdue is interrupted. Any thread may
 * enter, but event loops.
 */
final class CallDeadline implements AutoCloseable {

  private final Duration within;
  private final ScheduledThreadPoolExecutor watch = DaemonThread.named("weft-api-deadline");

  CallDeadline(Duration within) {
    this.within = within;
    watch.setRemoveOnCancelPolicy(true);
  }

  /** Fails with a {@link TimeoutException} as the cause where it takes too long. */
  <T> T call(Supplier<T> asked) {
    Running running = new Running(Thread.currentThread());
    Future<?> overdue =
        watch.schedule(running::interrupt, within.toMillis(), TimeUnit.MILLISECONDS);
    try {
      return asked.get();
    } catch (RuntimeException failed) {
      throw running.overdue() ? tooLate(failed) : failed;
    } finally {
      overdue.cancel(false);
      running.end();
    }
  }

  private IllegalStateException tooLate(RuntimeException failed) {
    TimeoutException cause = new TimeoutException("no whole answer within " + within);
    cause.addSuppressed(failed);
    return new IllegalStateException(cause);
  }

  @Override
  public void close() {
    watch.shutdownNow();
  }

  /** One call; it is not interrupted once it is over, nor is what its thread does then. */
  private static final class Running {

    private final Thread thread;
    private boolean over;
    private boolean overdue;

    Running(Thread thread) {
      this.thread = thread;
    }

    synchronized void interrupt() {
      if (!over) {
        overdue = true;
        thread.interrupt();
      }
    }

    synchronized boolean overdue() {
      return overdue;
    }

    synchronized void end() {
      over = true;
      if (overdue) {
        Thread.interrupted(); // it was meant for this call
      }
    }
  }
}
