package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.Breaker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.resilience.CircuitBreaker.State;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The window and the probe are turned by hand; from open to half-open the library's timer leads.
 */
final class WindowedCircuitBreakerTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration SECONDS_3 = Duration.ofSeconds(3);

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong now = new AtomicLong();
  private final BlockingQueue<State> told = new ArrayBlockingQueue<>(100);
  private final AtomicReference<Breaker> settings = new AtomicReference<>(Breaker.DEFAULT);
  private final WindowedCircuitBreaker breaker =
      new WindowedCircuitBreaker(
          "b",
          vertx,
          new Ticker() {
            @Override
            public long nanos() {
              return now.get();
            }

            @Override
            public long epochMillis() {
              return now.get() / 1_000_000;
            }
          },
          settings::get,
          told::add);

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
  }

  @Test
  void fewerThanTwentyAttemptsOpenNothing() {
    fail(19);

    assertThat(passes()).isTrue();
    fail(1);
    assertThat(passes()).isFalse();
    assertThat(told).containsExactly(State.OPEN);
  }

  @Test
  void nineFailuresOfTenOpenAndFewerDoNot() {
    for (int i = 0; i < 4; i++) {
      breaker.succeeded(breaker.admit());
    }
    fail(35);
    assertThat(breaker.state()).as("35 of 39").isEqualTo(State.CLOSED);

    fail(1);

    assertThat(breaker.state()).as("36 of 40").isEqualTo(State.OPEN);
  }

  @Test
  void whatIsThreeSecondsAgoIsForgotten() {
    fail(19);
    now.addAndGet(Duration.ofSeconds(4).toNanos());
    fail(19);

    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test
  void inHalfOpenOneAttemptProbesAndItsSuccessCloses() throws Exception {
    halfOpen();

    int probe = breaker.admit();
    assertThat(probe).isNotEqualTo(CircuitBreaker.REFUSED);
    assertThat(passes()).as("one at a time").isFalse();
    breaker.succeeded(probe);

    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    assertThat(passes()).isTrue();
    fail(19);
    assertThat(breaker.state()).as("it counts anew").isEqualTo(State.CLOSED);
  }

  @Test
  void aProbeThatFailsOpensAgain() throws Exception {
    halfOpen();

    int probe = breaker.admit();
    assertThat(probe).isNotEqualTo(CircuitBreaker.REFUSED);
    breaker.failed(probe);

    assertThat(passes()).isFalse();
    assertThat(told.poll(15, TimeUnit.SECONDS)).isEqualTo(State.OPEN);
    assertThat(told.poll(15, TimeUnit.SECONDS)).isEqualTo(State.HALF_OPEN);
  }

  @Test
  void aProbeWhoseCallerLeftGivesItsPlaceToAnother() throws Exception {
    halfOpen();

    int probe = breaker.admit();
    assertThat(probe).isNotEqualTo(CircuitBreaker.REFUSED);
    breaker.abandoned(probe);

    assertThat(passes()).isTrue();
    assertThat(passes()).isFalse();
  }

  @Test
  void aProbeThatTellsNothingForTwoSecondsGivesItsPlaceToAnother() throws Exception {
    halfOpen();

    assertThat(passes()).isTrue();
    now.addAndGet(Duration.ofMillis(2001).toNanos());

    assertThat(passes()).isTrue();
    assertThat(passes()).isFalse();
  }

  @Test
  void anAttemptThatBeganBeforeItOpenedIsNoProbe() throws Exception {
    int answered = breaker.admit();
    int lost = breaker.admit();
    int left = breaker.admit();
    halfOpen();

    breaker.succeeded(answered);
    assertThat(breaker.state()).as("answered").isEqualTo(State.HALF_OPEN);
    breaker.failed(lost);
    assertThat(breaker.state()).as("lost").isEqualTo(State.HALF_OPEN);
    int probe = breaker.admit();
    breaker.abandoned(left);
    assertThat(passes()).as("the probe's place is taken").isFalse();
    breaker.succeeded(probe);

    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test
  void aProbeThatIsLateSaysNothingOfTheNextTime() throws Exception {
    halfOpen();
    int hanging = breaker.admit();
    now.addAndGet(Duration.ofMillis(2001).toNanos());
    breaker.succeeded(breaker.admit());
    assertThat(breaker.state()).isEqualTo(State.CLOSED);

    fail(19);
    breaker.failed(hanging);

    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test
  void aChangedSettingHoldsFromTheNextAttemptOn() {
    fail(10);
    assertThat(breaker.state()).isEqualTo(State.CLOSED);

    settings.set(new Breaker(SECONDS_3, 11, 50, SECOND, SECOND, 1));
    fail(1);

    assertThat(breaker.state()).isEqualTo(State.OPEN);
  }

  @Test
  void aShorterWindowForgetsSooner() {
    settings.set(new Breaker(SECOND, 20, 90, SECOND, SECOND, 1));
    fail(19);
    now.addAndGet(Duration.ofMillis(1200).toNanos());
    fail(19);

    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test
  void asManyProbesAreLetThroughAsAreWanted() throws Exception {
    settings.set(new Breaker(SECONDS_3, 20, 90, Duration.ofMillis(10), SECOND, 2));
    halfOpen();

    assertThat(passes()).isTrue();
    assertThat(passes()).isTrue();
    assertThat(passes()).isFalse();
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      breaker.failed(breaker.admit());
    }
  }

  private boolean passes() {
    return breaker.admit() != CircuitBreaker.REFUSED;
  }

  private void halfOpen() throws InterruptedException {
    fail(20);
    assertThat(told.poll(15, TimeUnit.SECONDS)).isEqualTo(State.OPEN);
    assertThat(told.poll(15, TimeUnit.SECONDS)).isEqualTo(State.HALF_OPEN);
  }
}
