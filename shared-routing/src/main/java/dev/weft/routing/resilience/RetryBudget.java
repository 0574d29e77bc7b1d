package dev.weft.routing.resilience;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds what retries add to the load of an upstream: a token bucket that gains a part of a token
 * with each first try and gives one for each retry.
 *
 * <p>It holds one second's deposits, and at least {@code minimum}; a second that brought less than
 * one token is made up to one, so that a rare request may be retried too. What it holds at first
 * and what was made up are advances: from the second token of each second on, deposits pay them
 * back before anything is gained. At total failure the extra load is therefore at most {@code
 * percent} of all requests, whatever the failure's speed, or {@code minimum} and one retry a second
 * where that is more. Any thread may enter; no lock, and no look at the time: somebody calls {@link
 * #refill} once a second.
 *
 * <p>A retry that ends well, as the four before it did, gives its token back: where retries heal
 * they are no storm. When every fifth attempt fails by chance, retries need a quarter of the load
 * and get it; at most they add three tenths, when every fourth fails; from a half on about a fifth.
 *
 * <p>Source: {@code ProxySettings.retryBudget}; Finagle and Linkerd use the same bucket.
 */
public final class RetryBudget {

  private static final int RELIABLE = 5; // retries in a row that ended well
  private static final long TOKEN = 1000; // in thousandths, so that 0.2 is a whole number

  private final long deposit;
  private final long minimum;
  private final AtomicLong balance;
  private final AtomicLong advance; // what was given without a deposit, and not paid back
  private final AtomicLong lastSecondDeposits = new AtomicLong();
  private final AtomicLong thisSecondDeposits = new AtomicLong();
  private final LongAdder refused = new LongAdder();
  private final AtomicInteger wellInARow = new AtomicInteger();

  /**
   * @param percent of first tries, 0 to 100
   * @param minimum tokens that it holds at least, from 0
   */
  public RetryBudget(double percent, int minimum) {
    this.deposit = Math.round(percent * TOKEN / 100);
    this.minimum = minimum * TOKEN;
    this.balance = new AtomicLong(this.minimum);
    this.advance = new AtomicLong(this.minimum);
  }

  /** A first try was sent. */
  public void deposit() {
    long deposits = thisSecondDeposits.addAndGet(deposit);
    long most = Math.max(minimum, Math.max(lastSecondDeposits.get(), deposits));
    boolean owes = advance.get() > 0 && (deposits > TOKEN || balance.get() >= most);
    gain(owes ? deposit - paidBack() : deposit, most);
  }

  private long paidBack() {
    return Math.min(deposit, advance.getAndUpdate(owed -> Math.max(0, owed - deposit)));
  }

  private void gain(long tokens, long most) {
    balance.accumulateAndGet(tokens, (has, gains) -> Math.max(has, Math.min(most, has + gains)));
  }

  /**
   * A retry ended.
   *
   * @param well whether with an answer that is no error and needs no further retry
   * @param paid whether its token was taken, which may come back
   */
  public void ended(boolean well, boolean paid) {
    if (!well) {
      wellInARow.set(0);
    } else if (wellInARow.incrementAndGet() >= RELIABLE && paid) {
      wellInARow.set(RELIABLE); // far from any overflow
      long deposits = Math.max(lastSecondDeposits.get(), thisSecondDeposits.get());
      gain(TOKEN, Math.max(minimum, deposits));
    }
  }

  /** Whether a retry may be sent; {@code true} takes its token. */
  public boolean withdraw() {
    long before;
    do {
      before = balance.get();
      if (before < TOKEN) {
        refused.increment();
        return false;
      }
    } while (!balance.compareAndSet(before, before - TOKEN));
    return true;
  }

  /** Tokens there are, in whole retries. */
  public long tokens() {
    return balance.get() / TOKEN;
  }

  /** Retries that found it empty, since it was made. */
  public long refused() {
    return refused.sum();
  }

  /** A second is over. One thread at a time. */
  public void refill() {
    long deposits = thisSecondDeposits.getAndSet(0);
    lastSecondDeposits.set(deposits);
    long most = Math.max(minimum, deposits);
    long back = Math.max(0, Math.min(minimum, TOKEN) - deposits);
    long had = balance.getAndUpdate(has -> Math.min(most, has + back));
    long given = Math.max(0, Math.min(most, had + back) - had);
    advance.updateAndGet(owed -> Math.min(minimum, owed + given));
  }
}
