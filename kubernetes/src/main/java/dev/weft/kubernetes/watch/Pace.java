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
import java.util.function.DoubleSupplier;

/**
 * When an API server that failed is asked again: after pauses that grow to three seconds, each
 * shortened by up to half at random, and by one after the other of all that ask, with at least
 * {@link #APART} between, also where the machine stood still and the turn of several has come. Once
 * one of them succeeds those that wait do not wait any longer. What the API server itself asks for
 * by {@code Retry-After} holds for all, up to {@link #MOST_ASKED}.
 *
 * <p>Any thread.
 */
public final class Pace {

  /** Between two attempts; each is a list and a watch. */
  static final Duration APART = Duration.ofMillis(800);

  /** A longer wish is obeyed for so long. */
  static final Duration MOST_ASKED = Duration.ofSeconds(30);

  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration MOST = Duration.ofSeconds(3);
  private static final int MOST_DOUBLINGS = 4; // beyond which it is more than MOST

  private final Ticker ticker;
  private final DoubleSupplier chance;
  private final List<Waiting> waiting = new ArrayList<>();
  private final Set<Object> ended = new HashSet<>();
  private long free; // when the next one may begin, in the ticker's nanoseconds
  private long last; // when the last one began whose turn it was, likewise
  private long asked; // until when the API server wishes to be left alone, likewise

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
    this.last = free - APART.toNanos();
    this.asked = free;
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
    Waiting one = new Waiting(thread, attempt, patient);
    synchronized (waiting) {
      long pause = failures == 0 ? 0 : pause(failures);
      waiting.add(one);
      one.at(later(later(began + pause, free), asked));
      free = one.due + APART.toNanos();
    }
  }

  /** The later of two times, which may wrap around. */
  private static long later(long one, long other) {
    return one - other > 0 ? one : other;
  }

  /**
   * The API server asked to be left alone for so long: nobody that waits, or will, asks it before.
   */
  public void leaveAlone(Duration wish) {
    Duration most = wish.compareTo(MOST_ASKED) > 0 ? MOST_ASKED : wish;
    synchronized (waiting) {
      asked = later(asked, ticker.nanos() + most.toNanos());
      long next = asked;
      for (Waiting one : List.copyOf(waiting)) {
        one.at(later(one.due, next));
        next = one.due + APART.toNanos();
        free = later(free, next);
      }
    }
  }

  /** How long it is to be left alone yet; zero where it did not ask for that. */
  Duration left() {
    synchronized (waiting) {
      return Duration.ofNanos(Math.max(asked - ticker.nanos(), 0));
    }
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

  /**
   * Whether several watches ended at a time, which they do not by themselves, or the API server
   * asked to be left alone.
   */
  boolean failing() {
    synchronized (waiting) {
      return ended.size() > 1 || asked - ticker.nanos() > 0;
    }
  }

  /** The API server answers. */
  void works() {
    synchronized (waiting) {
      long now = later(ticker.nanos(), asked);
      free = now;
      for (Waiting one : List.copyOf(waiting)) {
        if (!one.patient) {
          one.released = true;
          one.at(now);
        }
      }
    }
  }

  /** An attempt that is to be made once, now or later. */
  private final class Waiting implements Runnable {

    private final ScheduledExecutorService thread;
    private final Runnable attempt;
    private final boolean patient;

    // below: under the lock of those that wait
    private Optional<ScheduledFuture<?>> timer = Optional.empty();
    private long due; // in the ticker's nanoseconds
    private boolean released; // from its turn
    private boolean made;

    Waiting(ScheduledExecutorService thread, Runnable attempt, boolean patient) {
      this.thread = thread;
      this.attempt = attempt;
      this.patient = patient;
    }

    /** Under the lock. */
    void at(long nanos) {
      long now = ticker.nanos();
      due = later(nanos, now);
      try {
        timer.ifPresent(before -> before.cancel(false));
        timer = Optional.of(thread.schedule(this, due - now, TimeUnit.NANOSECONDS));
      } catch (RejectedExecutionException closed) {
        made = true; // nobody waits for it any more
        waiting.remove(this);
      }
    }

    @Override
    public void run() {
      synchronized (waiting) {
        long turn = last + APART.toNanos();
        if (made) {
          return;
        }
        if (!released && turn - ticker.nanos() > 0) {
          at(turn); // others that were due by now have begun
          free = later(free, due + APART.toNanos());
          return;
        }
        made = true;
        waiting.remove(this);
        last = released ? last : ticker.nanos();
      }
      attempt.run();
    }
  }
}
