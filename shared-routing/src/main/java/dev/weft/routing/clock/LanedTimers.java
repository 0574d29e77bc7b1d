package dev.weft.routing.clock;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Timers by the thousand of few different delays, nearly all of which are cancelled: the timeouts
 * of requests. Those of one delay fall due in the order in which they were set, so that each delay
 * has a queue, and a queue has one timer underneath; to set and to cancel is to link and to unlink.
 * A queue lasts as long as its delay: where there are {@link #MOST_LANES} already, since somebody
 * draws or is told his delays, another one gets a timer of its own. One event loop's own.
 */
public final class LanedTimers implements Timers {

  private static final int MOST_LANES = 64;
  private static final long SHORTEST = 1_000_000; // nanoseconds

  private final Timers timers;
  private final Ticker ticker;
  private final Map<Duration, Lane> lanes = new HashMap<>(); // those that wait for something

  /**
   * @param timers underneath
   * @param ticker of the same time
   */
  public LanedTimers(Timers timers, Ticker ticker) {
    this.timers = timers;
    this.ticker = ticker;
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    Lane lane = lanes.get(delay);
    if (lane == null) {
      if (lanes.size() >= MOST_LANES) {
        return timers.after(delay, task);
      }
      lane = new Lane(delay);
      lanes.put(delay, lane);
    }
    return lane.add(task);
  }

  /** All that was set with one delay. */
  private final class Lane {

    private final Duration delay;
    private final long nanos;
    private @Nullable Waiting first;
    private @Nullable Waiting last;
    private boolean armed;

    Lane(Duration delay) {
      this.delay = delay;
      this.nanos = Math.max(SHORTEST, delay.toNanos());
    }

    Timer add(Runnable task) {
      Waiting added = new Waiting(this, task, ticker.nanos() + nanos);
      added.before = last;
      if (last == null) {
        first = added;
      } else {
        last.after = added;
      }
      last = added;
      if (!armed) {
        arm(nanos);
      }
      return added;
    }

    private void arm(long left) {
      armed = true;
      long millis = Math.max(1, (left + SHORTEST - 1) / SHORTEST);
      timers.after(Duration.ofMillis(millis), this::fired);
    }

    private void fired() {
      armed = false;
      long now = ticker.nanos();
      try {
        while (first != null && first.at - now <= 0) {
          Waiting due = first;
          due.cancel();
          due.task.run();
        }
      } finally { // whatever the task threw, the others wait on
        if (first == null) {
          lanes.remove(delay, this);
        } else if (!armed) {
          arm(first.at - now);
        }
      }
    }

    private void unlink(Waiting one) {
      if (one.before == null) {
        first = one.after;
      } else {
        one.before.after = one.after;
      }
      if (one.after == null) {
        last = one.before;
      } else {
        one.after.before = one.before;
      }
    }
  }

  /** One that was set. */
  private static final class Waiting implements Timer {

    private final Lane lane;
    private final Runnable task;
    private final long at;
    private @Nullable Waiting before;
    private @Nullable Waiting after;
    private boolean over;

    Waiting(Lane lane, Runnable task, long at) {
      this.lane = lane;
      this.task = task;
      this.at = at;
    }

    @Override
    public void cancel() {
      if (!over) {
        over = true;
        lane.unlink(this);
      }
    }
  }
}
