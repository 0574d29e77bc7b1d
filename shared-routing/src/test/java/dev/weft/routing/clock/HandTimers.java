package dev.weft.routing.clock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Timers and their time, turned by hand. */
public final class HandTimers implements Timers, Ticker {

  private final List<Waiting> waiting = new ArrayList<>();
  private long nanos = 1_000_000_000L;

  private record Waiting(long at, Runnable task) {}

  @Override
  public Timer after(Duration delay, Runnable task) {
    Waiting one = new Waiting(nanos + Math.max(1_000_000, delay.toNanos()), task);
    waiting.add(one);
    return () -> waiting.remove(one);
  }

  /** Lets time pass and runs what is due, in its order. */
  public void turn(Duration by) {
    long end = nanos + by.toNanos();
    while (true) {
      List<Waiting> due =
          waiting.stream()
              .filter(one -> one.at <= end)
              .sorted(Comparator.comparingLong(Waiting::at))
              .toList();
      if (due.isEmpty()) {
        break;
      }
      waiting.remove(due.get(0));
      nanos = Math.max(nanos, due.get(0).at);
      due.get(0).task.run();
    }
    nanos = end;
  }

  /** Lets time pass in which nothing can run, then runs once what is due by then, in its order. */
  public void stall(Duration time) {
    nanos += time.toNanos();
    List<Waiting> due =
        waiting.stream()
            .filter(one -> one.at <= nanos)
            .sorted(Comparator.comparingLong(Waiting::at))
            .toList();
    waiting.removeAll(due);
    due.forEach(one -> one.task.run());
  }

  /** How many are set. */
  public int pending() {
    return waiting.size();
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public long epochMillis() {
    return nanos / 1_000_000;
  }
}
