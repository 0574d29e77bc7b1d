package dev.weft.routing.resilience;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Attempts and failures of the last moments, in six slots of equal length. Any thread may enter; no
 * lock. Where two threads turn a slot over at once, a few counts may be lost, never more.
 */
final class FailureWindow {

  private static final int SLOTS = 6;

  private final Duration length;
  private final long slotNanos;
  private final AtomicLongArray stamps = new AtomicLongArray(SLOTS);
  private final AtomicIntegerArray attempts = new AtomicIntegerArray(SLOTS);
  private final AtomicIntegerArray failures = new AtomicIntegerArray(SLOTS);

  /**
   * @param length from 1 ms
   */
  FailureWindow(Duration length) {
    this.length = length;
    this.slotNanos = length.toNanos() / SLOTS;
  }

  Duration length() {
    return length;
  }

  void count(boolean failed, long now) {
    int slot = slot(now);
    attempts.incrementAndGet(slot);
    if (failed) {
      failures.incrementAndGet(slot);
    }
  }

  private int slot(long now) {
    long stamp = Math.floorDiv(now, slotNanos);
    int slot = Math.floorMod(stamp, SLOTS);
    long before = stamps.get(slot);
    if (before != stamp && stamps.compareAndSet(slot, before, stamp)) {
      attempts.set(slot, 0);
      failures.set(slot, 0);
    }
    return slot;
  }

  /** Whether at least {@code minimum} attempts were made and so many percent of them failed. */
  boolean exceeds(int minimum, int percent, long now) {
    long stamp = Math.floorDiv(now, slotNanos);
    long tried = 0;
    long failed = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      if (stamp - stamps.get(slot) < SLOTS) {
        tried += attempts.get(slot);
        failed += failures.get(slot);
      }
    }
    return tried >= minimum && failed * 100 >= tried * percent;
  }

  void clear() {
    for (int slot = 0; slot < SLOTS; slot++) {
      attempts.set(slot, 0);
      failures.set(slot, 0);
    }
  }
}
