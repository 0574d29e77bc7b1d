package dev.weft.testkit.fault;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** A fault under way: one step after the other on the connection's thread. */
@SuppressWarnings("FutureReturnValueIgnored") // what cannot be written has nobody to tell
final class Playing {

  private final Deque<Step> steps;
  private final Wire wire;
  private final EventExecutor loop;
  private boolean stopped;

  Playing(Fault fault, Wire wire, EventExecutor loop) {
    this.steps = new ArrayDeque<>(fault.steps());
    this.wire = wire;
    this.loop = loop;
  }

  void run() {
    while (!stopped && !steps.isEmpty()) {
      Step step = steps.removeFirst();
      step.take(wire);
      long pause = step.pause().toNanos();
      if (pause > 0) {
        loop.schedule(this::run, pause, TimeUnit.NANOSECONDS);
        return;
      }
    }
  }

  /** The request's sender left. */
  void stop() {
    stopped = true;
  }
}
