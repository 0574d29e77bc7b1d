package dev.weft.routing.cluster;

import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How an endpoint fared lately, in the eyes of this proxy. Any thread may enter; no lock.
 *
 * <p>An endpoint that just failed is chosen last for a second, doubling to two, always, so that one
 * bad endpoint of two does not eat the retry budget before outlier detection ejects it. So is one
 * that answered with five errors in a row, or with two before it ever answered well. When that time
 * is over one attempt tries it, and only when that ends well do the others follow; the next try is
 * two seconds later.
 */
public final class EndpointHealth {

  private static final int ERRORS = 5;
  private static final int ERRORS_AT_FIRST = 2;
  private static final long SHORT_NANOS = 1_000_000_000L;
  private static final long LONG_NANOS = 2 * SHORT_NANOS;

  final AtomicInteger consecutive5xx = new AtomicInteger();
  final AtomicInteger consecutiveGateway = new AtomicInteger();
  final AtomicInteger consecutiveLocal = new AtomicInteger();
  private final AtomicInteger counted = new AtomicInteger(); // since the last look, and of them
  private final AtomicInteger countedWell = new AtomicInteger(); // those that went well
  private final AtomicInteger consecutiveFailures = new AtomicInteger();
  private final AtomicInteger errors = new AtomicInteger();
  private final AtomicLong chosenLastUntil = new AtomicLong();
  private volatile boolean chosenLast;
  private volatile long ejectedUntil;
  private volatile boolean ejected;
  private volatile boolean probation;
  private volatile boolean well; // once at least
  private final AtomicInteger ejections = new AtomicInteger();
  private volatile boolean failsCheck;
  private volatile boolean checked;

  void failed(long now) {
    int times = consecutiveFailures.incrementAndGet();
    chosenLastUntil.set(now + (times > 1 ? LONG_NANOS : SHORT_NANOS));
    chosenLast = true;
  }

  /** It answered, and with an error. */
  void erred(long now) {
    int most = well ? ERRORS : ERRORS_AT_FIRST;
    if (errors.incrementAndGet() >= most || chosenLast) {
      failed(now);
    }
  }

  void succeeded() {
    if (errors.get() != 0) {
      errors.set(0);
    }
    if (!well) {
      well = true;
    }
    if (consecutiveFailures.get() != 0) {
      consecutiveFailures.set(0);
    }
    if (chosenLast) {
      chosenLast = false;
    }
  }

  /** Whether it is to be chosen only when nothing else is left. */
  public boolean chosenLast(long now) {
    return chosenLast && now - chosenLastUntil.get() < 0;
  }

  /**
   * Whether an attempt may go there as to any other: {@code true} for one that failed makes this
   * attempt the one that tries it.
   */
  boolean tries(long now) {
    if (!chosenLast) {
      return true;
    }
    long until = chosenLastUntil.get();
    return now - until >= 0 && chosenLastUntil.compareAndSet(until, now + LONG_NANOS);
  }

  void count(boolean wentWell) {
    counted.incrementAndGet();
    if (wentWell) {
      countedWell.incrementAndGet();
    }
  }

  /**
   * The part, 0 to 1, that went well since the last look, which ends here.
   *
   * @return empty where there were fewer than {@code least}
   */
  OptionalDouble successes(int least) {
    int all = counted.getAndSet(0);
    int good = Math.min(all, countedWell.getAndSet(0)); // some may be under way
    return all < least ? OptionalDouble.empty() : OptionalDouble.of((double) good / all);
  }

  void eject(long until) {
    ejectedUntil = until;
    ejections.incrementAndGet();
    ejected = true;
  }

  /** Its time is over: one attempt tries it, whose failure ejects it at once. */
  void readmit(long now) {
    probation = true;
    chosenLastUntil.set(now);
    chosenLast = true;
    ejected = false;
    consecutive5xx.set(0);
    consecutiveGateway.set(0);
    consecutiveLocal.set(0);
  }

  /** Whether it is back from an ejection and did not do well yet. */
  boolean onProbation() {
    return probation;
  }

  void acquit() {
    if (probation) {
      probation = false;
    }
  }

  /** Whether outlier detection leaves it out now. */
  public boolean ejected(long now) {
    return ejected && now - ejectedUntil < 0;
  }

  /**
   * What active checks say of it now.
   *
   * @return whether that is news
   */
  boolean checked(boolean well) {
    boolean news = failsCheck == well;
    failsCheck = !well;
    checked = true;
    return news;
  }

  /** Nobody checks it any more. */
  void unchecked() {
    failsCheck = false;
    checked = false;
  }

  /** Whether active checks say that it is not well; false where there are none, or none yet. */
  public boolean failsCheck() {
    return failsCheck;
  }

  /** Whether an active check came to an end. */
  public boolean wasChecked() {
    return checked;
  }

  /** Whether it counts as one that is well. */
  public boolean available(long now) {
    return !failsCheck && !ejected(now);
  }

  boolean dueBack(long now) {
    return ejected && now - ejectedUntil >= 0;
  }

  /** How often it was ejected; each time lasts longer. */
  public int ejections() {
    return ejections.get();
  }

  void forgive() {
    ejections.updateAndGet(times -> Math.max(0, times - 1));
  }
}
