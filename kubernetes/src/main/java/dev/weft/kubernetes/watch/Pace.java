package dev.weft.kubernetes.watch;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;

/**
 * When an API server that failed is asked again: after pauses that grow to three seconds, each
 * shortened by up to half at random, and by one after the other of all that ask, with at least
 * {@link #APART} between. Once one of them succeeds those that wait do not wait any longer.
 *
 * <p>Any thread.
 */
public final class Pace {

  /** Between two attempts; each is a list and a watch. */
  static final Duration APART = Duration.ofMillis(800);

  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration MOST = Duration.ofSeconds(3);
  private static final int MOST_DOUBLINGS = 4; // beyond which it is more than MOST

  private final Ticker ticker;
  private final DoubleSupplier chance;
  private final List<Waiting> waiting = new ArrayList<>();
  private final Set<Object> ended = new HashSet<>();
  private long free; // when the next one may begin, in the ticker's nanoseconds

  /** By the machine's time. */
  public Pace() {
    this(new SystemTicker(), () -> ThreadLocalRandom.current().nextDouble());
  }

  /**
   * @param chance from 0 to 1
   */
  Pace(Ticker ticker, DoubleSupplier chance) {
    this.ticker = ticker;
    this.chance = chance;
    this.free = ticker.nanos();
  }

  /**
   * Runs an attempt when its time has come.
   *
   * @param thread to run it on
   * @param failures in a row so far; none for one that may begin at once, where no other does
   * @param began when the last attempt did, in the ticker's nanoseconds
   * @param patient whether it waits its time, whatever others find
   */
  void again(
      ScheduledExecutorService thread,
      int failures,
      long began,
      boolean patient,
      Runnable attempt) {
    Waiting one = new Waiting(thread, attempt);
    long delay;
    synchronized (waiting) {
      long now = ticker.nanos();
      long pause = failures == 0 ? 0 : pause(failures);
      long at = now + Math.max(Math.max(began + pause - now, free - now), 0);
      free = at + APART.toNanos();
      delay = at - now;
      if (!patient) {
        waiting.add(one);
      }
    }
    one.after(delay);
  }

  private long pause(int failures) {
    long whole = FIRST.toNanos() << Math.min(failures - 1, MOST_DOUBLINGS);
    return (long) (Math.min(whole, MOST.toNanos()) * (1 - chance.getAsDouble() / 2));
  }

  /** Notes whether a watch that was there is there no more. */
  void broken(Object watch, boolean broken) {
    synchronized (waiting) {
      if (broken) {
        ended.add(watch);
      } else {
        ended.remove(watch);
      }
    }
  }

  /** Whether several watches ended at a time, which they do not by themselves. */
  boolean failing() {
    synchronized (waiting) {
      return ended.size() > 1;
    }
  }

  /** The API server answers. */
  void works() {
    List<Waiting> all;
    synchronized (waiting) {
      all = List.copyOf(waiting);
      waiting.clear();
      free = ticker.nanos();
    }
    all.forEach(one -> one.after(0));
  }

  /** An attempt that is to be made once, now or later. */
  private final class Waiting implements Runnable {

    private final ScheduledExecutorService thread;
    private final Runnable attempt;
    private final AtomicBoolean made = new AtomicBoolean();
    private Optional<ScheduledFuture<?>> due = Optional.empty();

    Waiting(ScheduledExecutorService thread, Runnable attempt) {
      this.thread = thread;
      this.attempt = attempt;
    }

    synchronized void after(long nanos) {
      try {
        due.ifPresent(later -> later.cancel(false));
        due = Optional.of(thread.schedule(this, nanos, TimeUnit.NANOSECONDS));
      } catch (RejectedExecutionException closed) {
        made.set(true); // nobody waits for it any more
      }
    }

    @Override
    public void run() {
      if (made.compareAndSet(false, true)) {
        synchronized (waiting) {
          waiting.remove(this);
        }
        attempt.run();
      }
    }
  }
}
