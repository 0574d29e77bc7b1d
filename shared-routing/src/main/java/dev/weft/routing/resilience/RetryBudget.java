package dev.weft.routing.resilience;

import dev.weft.routing.clock.Ticker;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what retries add to the load of an upstream: a token bucket that gains a part of a token
 * with each first try and gives one for each retry.
 *
 * <p>It holds one second's deposits, and at least {@code minimum}; one token comes back a second
 * even without traffic, so that a rare request may be retried too. At total failure the extra load
 * is therefore at most {@code percent}, whatever the failure's speed. Any thread may enter; no
 * lock.
 *
 * <p>Source: {@code ProxySettings.retryBudget}; Finagle and Linkerd use the same bucket.
 */
public final class RetryBudget {

  private static final long TOKEN = 1000; // in thousandths, so that 0.2 is a whole number
  private static final long SECOND = 1_000_000_000L;

  private final long deposit;
  private final long minimum;
  private final Ticker ticker;
  private final AtomicLong balance;
  private final AtomicLong lastSecondDeposits = new AtomicLong();
  private final AtomicLong thisSecondDeposits = new AtomicLong();
  private final AtomicLong second;

  /**
   * @param percent of first tries, 0 to 100
   * @param minimum tokens that it holds at least, from 0
   */
  public RetryBudget(double percent, int minimum, Ticker ticker) {
    this.deposit = Math.round(percent * TOKEN / 100);
    this.minimum = minimum * TOKEN;
    this.ticker = ticker;
    this.balance = new AtomicLong(this.minimum);
    this.second = new AtomicLong(ticker.nanos());
  }

  /** A first try was sent. */
  public void deposit() {
    turn();
    thisSecondDeposits.addAndGet(deposit);
    credit(deposit);
  }

  /** Whether a retry may be sent; {@code true} takes its token. */
  public boolean withdraw() {
    turn();
    long before;
    do {
      before = balance.get();
      if (before < TOKEN) {
        return false;
      }
    } while (!balance.compareAndSet(before, before - TOKEN));
    return true;
  }

  /** Tokens there are, in whole retries. */
  public long tokens() {
    return balance.get() / TOKEN;
  }

  private void credit(long amount) {
    long most = Math.max(minimum, Math.max(lastSecondDeposits.get(), thisSecondDeposits.get()));
    balance.accumulateAndGet(amount, (has, gains) -> Math.max(has, Math.min(most, has + gains)));
  }

  private void turn() {
    long began = second.get();
    long now = ticker.nanos();
    if (now - began >= SECOND && second.compareAndSet(began, now)) {
      boolean adjacent = now - began < 2 * SECOND;
      long deposits = thisSecondDeposits.getAndSet(0);
      lastSecondDeposits.set(adjacent ? deposits : 0);
      long most = Math.max(minimum, lastSecondDeposits.get());
      long back = Math.min(minimum, TOKEN);
      balance.updateAndGet(has -> Math.min(most, has + back));
    }
  }
}
