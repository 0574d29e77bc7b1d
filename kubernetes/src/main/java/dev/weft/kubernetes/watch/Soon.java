package dev.weft.kubernetes.watch;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks once after many changes: 10 ms after the last one, at the latest 100 ms after the first. On
 * one thread.
 */
final class Soon {

  private static final Duration QUIET = Duration.ofMillis(10);
  private static final Duration LATEST = Duration.ofMillis(100);

  private final ScheduledExecutorService thread;
  private final Runnable look;
  private @Nullable ScheduledFuture<?> quiet;
  private @Nullable ScheduledFuture<?> latest;

  Soon(ScheduledExecutorService thread, Runnable look) {
    this.thread = thread;
    this.look = look;
  }

  /** Something changed. */
  void soon() {
    if (quiet != null) {
      quiet.cancel(false);
    }
    quiet = after(QUIET);
    if (latest == null) {
      latest = after(LATEST);
    }
  }

  /** Looks, and not once more for what changed before. */
  void now() {
    if (quiet != null) {
      quiet.cancel(false);
    }
    if (latest != null) {
      latest.cancel(false);
    }
    latest = null;
    look.run();
  }

  private ScheduledFuture<?> after(Duration delay) {
    return thread.schedule(this::now, delay.toMillis(), TimeUnit.MILLISECONDS);
  }
}
