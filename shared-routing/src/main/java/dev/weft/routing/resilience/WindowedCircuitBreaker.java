package dev.weft.routing.resilience;

import dev.weft.config.model.settings.Breaker;
import dev.weft.routing.clock.Ticker;
import io.vertx.circuitbreaker.CircuitBreakerOptions;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The breaker of one upstream: our window decides, {@code vertx-circuit-breaker} holds the state,
 * its timer and its events. It opens when of enough attempts within a window enough failed; some
 * time later it lets a few attempts probe; the first success closes, a failure opens for twice as
 * long as before, up to a limit. Probes that tell nothing for that limit give their places to
 * others.
 *
 * <p>Of the library only {@code open}, {@code reset} and the state's handlers are used: its {@code
 * execute} completes a dispatch later, when a streamed answer may have ended. One instance of the
 * library's is open for one time only, so that each opening makes a new one.
 *
 * <p>Source: {@code ProxySettings.breaker}.
 */
public final class WindowedCircuitBreaker implements CircuitBreaker {

  private final String name;
  private final Vertx vertx;
  private final Ticker ticker;
  private final Supplier<Breaker> settings;
  private final Consumer<State> transition;
  private volatile FailureWindow window;
  private volatile Phase current = new Phase(State.CLOSED, 1);
  private io.vertx.circuitbreaker.@Nullable CircuitBreaker state; // since it last opened
  private Duration pause = Duration.ZERO; // for which it is open

  /** A state, from its beginning to its end. */
  private static final class Phase {
    private final State state;
    private final int number; // of all so far; never 0
    private final AtomicInteger probing = new AtomicInteger();
    private final AtomicLong probeSince = new AtomicLong();

    private Phase(State state, int number) {
      this.state = state;
      this.number = number;
    }

    private Phase next(State state) {
      return new Phase(state, number == -1 ? 1 : number + 1);
    }
  }

  /** With the settings that hold where nothing is said. */
  public WindowedCircuitBreaker(
      String name, Vertx vertx, Ticker ticker, Consumer<State> transition) {
    this(name, vertx, ticker, () -> Breaker.DEFAULT, transition);
  }

  /**
   * @param settings asked anew at each attempt's end, so that a change holds from the next one on
   * @param transition hears each new state, on the thread that brought it about
   */
  public WindowedCircuitBreaker(
      String name,
      Vertx vertx,
      Ticker ticker,
      Supplier<Breaker> settings,
      Consumer<State> transition) {
    this.name = name;
    this.vertx = vertx;
    this.ticker = ticker;
    this.settings = settings;
    this.transition = transition;
    this.window = new FailureWindow(settings.get().window());
  }

  private void enter(State next) {
    window.clear();
    current = current.next(next); // one thread at a time: see open and close
    transition.accept(next);
  }

  @Override
  public int admit() {
    Phase now = current;
    boolean goes =
        switch (now.state) {
          case CLOSED -> true;
          case OPEN -> false;
          case HALF_OPEN -> probe(now);
        };
    return goes ? now.number : REFUSED;
  }

  private boolean probe(Phase halfOpen) {
    Breaker now = settings.get();
    long time = ticker.nanos();
    long since = halfOpen.probeSince.get();
    int taken = halfOpen.probing.get();
    if (taken < now.probes()) {
      boolean mine = halfOpen.probing.compareAndSet(taken, taken + 1);
      if (mine) {
        halfOpen.probeSince.set(time);
      }
      return mine;
    }
    boolean silent = time - since > now.maxOpen().toNanos();
    if (silent && halfOpen.probeSince.compareAndSet(since, time)) {
      halfOpen.probing.set(1);
      return true;
    }
    return false;
  }

  @Override
  public void succeeded(int admitted) {
    Phase seen = current;
    if (seen.number != admitted) {
      return;
    }
    counted(settings.get(), false, ticker.nanos());
    if (seen.state == State.HALF_OPEN) {
      close(seen);
    }
  }

  @Override
  public void failed(int admitted) {
    Phase seen = current;
    if (seen.number != admitted) {
      return;
    }
    Breaker wanted = settings.get();
    long now = ticker.nanos();
    FailureWindow counted = counted(wanted, true, now);
    boolean open =
        seen.state == State.HALF_OPEN
            || counted.exceeds(wanted.minimumRequests(), wanted.failurePercent(), now);
    if (open) {
      open(wanted, seen);
    }
  }

  private FailureWindow counted(Breaker wanted, boolean failed, long now) {
    FailureWindow counting = window;
    if (!counting.length().equals(wanted.window())) {
      counting = new FailureWindow(wanted.window());
      window = counting;
    }
    counting.count(failed, now);
    return counting;
  }

  private synchronized void open(Breaker wanted, Phase seen) {
    if (current != seen) {
      return; // somebody else was first
    }
    Duration longer = seen.state == State.HALF_OPEN ? pause.multipliedBy(2) : wanted.open();
    pause = longer.compareTo(wanted.maxOpen()) > 0 ? wanted.maxOpen() : longer;
    if (state != null) {
      state.close();
    }
    CircuitBreakerOptions options = new CircuitBreakerOptions().setResetTimeout(pause.toMillis());
    io.vertx.circuitbreaker.CircuitBreaker opened =
        io.vertx.circuitbreaker.CircuitBreaker.create(name, vertx, options);
    state = opened;
    opened.openHandler(any -> enter(State.OPEN));
    opened.halfOpenHandler(any -> enter(State.HALF_OPEN));
    opened.closeHandler(any -> enter(State.CLOSED));
    opened.open();
  }

  private synchronized void close(Phase seen) {
    if (current == seen && state != null) {
      state.reset();
    }
  }

  @Override
  public void abandoned(int admitted) {
    Phase now = current;
    if (now.number == admitted) {
      now.probing.updateAndGet(taken -> Math.max(0, taken - 1));
    }
  }

  @Override
  public State state() {
    return current.state;
  }
}
