package dev.weft.routing.resilience;

import dev.weft.routing.clock.Ticker;
import io.vertx.circuitbreaker.CircuitBreakerOptions;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The breaker of one upstream: our window decides, {@code vertx-circuit-breaker} holds the state,
 * its timer and its events. It opens when of at least 20 attempts in 3 s 90 % failed; a second
 * later one attempt probes; its success closes, its failure opens for another second. A probe that
 * tells nothing for 2 s gives its place to another.
 *
 * <p>Of the library only {@code open}, {@code reset} and the state's handlers are used: its {@code
 * execute} completes a dispatch later, when a streamed answer may have ended.
 */
public final class WindowedCircuitBreaker implements CircuitBreaker {

  private static final Duration OPEN = Duration.ofSeconds(1);
  private static final long PROBE_NANOS = Duration.ofSeconds(2).toNanos();
  private static final int MINIMUM = 20;
  private static final int PERCENT = 90;

  private final io.vertx.circuitbreaker.CircuitBreaker state;
  private final FailureWindow window = new FailureWindow();
  private final Ticker ticker;
  private final AtomicBoolean probing = new AtomicBoolean();
  private final AtomicLong probeSince = new AtomicLong();
  private volatile State current = State.CLOSED;

  /**
   * @param transition hears each new state, on the thread that brought it about
   */
  public WindowedCircuitBreaker(
      String name, Vertx vertx, Ticker ticker, Consumer<State> transition) {
    this.ticker = ticker;
    this.state =
        io.vertx.circuitbreaker.CircuitBreaker.create(
            name, vertx, new CircuitBreakerOptions().setResetTimeout(OPEN.toMillis()));
    state.openHandler(opened -> enter(State.OPEN, transition));
    state.halfOpenHandler(half -> enter(State.HALF_OPEN, transition));
    state.closeHandler(closed -> enter(State.CLOSED, transition));
  }

  private void enter(State next, Consumer<State> transition) {
    window.clear();
    probing.set(false);
    current = next;
    transition.accept(next);
  }

  @Override
  public boolean allows() {
    return switch (current) {
      case CLOSED -> true;
      case OPEN -> false;
      case HALF_OPEN -> probe();
    };
  }

  private boolean probe() {
    long now = ticker.nanos();
    long since = probeSince.get();
    boolean free = probing.compareAndSet(false, true);
    boolean stale = !free && now - since > PROBE_NANOS;
    return (free || stale) && probeSince.compareAndSet(since, now);
  }

  @Override
  public void succeeded() {
    window.count(false, ticker.nanos());
    if (current == State.HALF_OPEN) {
      state.reset();
    }
  }

  @Override
  public void failed() {
    long now = ticker.nanos();
    window.count(true, now);
    State seen = current;
    boolean open =
        seen == State.HALF_OPEN || (seen == State.CLOSED && window.exceeds(MINIMUM, PERCENT, now));
    if (open) {
      state.open();
    }
  }

  @Override
  public void abandoned() {
    probing.set(false);
  }

  @Override
  public State state() {
    return current;
  }
}
