package dev.weft.routing.resilience.rate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RateLimit.Scope;
import dev.weft.routing.resilience.rate.RateLimiter.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RateLimiterTest {

  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1000 * MILLI;

  private long now = 77 * SECOND; // whatever a ticker begins with

  @Test
  void aBurstPassesAndThenAnEvenPace() {
    RateLimiter limiter = limiter(100, 20);

    assertThat(passed(limiter, "", 50)).isEqualTo(20);
    now += 10 * MILLI - 1;
    assertThat(passed(limiter, "", 50)).isZero();
    now += 1;
    assertThat(passed(limiter, "", 50)).isEqualTo(1);
    now += 100 * MILLI;
    assertThat(passed(limiter, "", 50)).isEqualTo(10);
  }

  @Test
  void overAnyLongTimeExactlyTheLimitPasses() {
    RateLimiter limiter = limiter(100, 20);
    int passes = 0;

    for (int i = 0; i < 10_000; i++) { // 10 s of 1,000 a second
      passes += passed(limiter, "", 1);
      now += MILLI;
    }

    assertThat(passes).isBetween(1000 + 19, 1000 + 20);
  }

  @Test
  void whatIsNotUsedIsNotSavedBeyondTheBurst() {
    RateLimiter limiter = limiter(100, 20);
    now += 3600 * SECOND;

    assertThat(passed(limiter, "", 50)).isEqualTo(20);
  }

  @Test
  void eachKeyHasItsOwn() {
    RateLimiter limiter = limiter(1, 2);

    assertThat(passed(limiter, "ann", 5)).isEqualTo(2);
    assertThat(passed(limiter, "bob", 5)).isEqualTo(2);
    assertThat(passed(limiter, "ann", 5)).isZero();
    assertThat(limiter.refused()).isEqualTo(11);
  }

  @Test
  void theVerdictTellsWhatIsLeftAndWhenToComeAgain() {
    RateLimiter limiter = limiter(2, 2);

    assertThat(limiter.ask("", now)).isEqualTo(new Verdict(true, 1, 0, SECOND / 2));
    assertThat(limiter.ask("", now)).isEqualTo(new Verdict(true, 0, SECOND / 2, SECOND));
    assertThat(limiter.ask("", now)).isEqualTo(new Verdict(false, 0, SECOND / 2, SECOND));
    now += SECOND / 2;
    assertThat(limiter.ask("", now).passes()).isTrue();
  }

  @Test
  void thePolicyIsToldInWholeSeconds() {
    assertThat(limiter(100, 20).policy()).isEqualTo("\"default\";q=100;w=1");
    assertThat(limiter(5, Duration.ofMinutes(1), 5).policy()).isEqualTo("\"default\";q=5;w=60");
    assertThat(limiter(5, Duration.ofMillis(100), 5).policy()).isEqualTo("\"default\";q=50;w=1");
  }

  @Test
  void noMoreKeysAreKeptThanFit() {
    RateLimiter limiter = limiter(1, Duration.ofHours(1), 1);

    for (int i = 0; i < 3 * RateLimiter.MOST_KEYS; i++) {
      limiter.ask("key " + i, now);
      now += MILLI;
    }

    assertThat(limiter.keys()).isLessThanOrEqualTo(RateLimiter.MOST_KEYS);
  }

  @Test
  void keysThatAreFullAgainMakeRoomWithoutLoss() {
    RateLimiter limiter = limiter(1, 1);
    for (int i = 0; i < RateLimiter.MOST_KEYS; i++) {
      limiter.ask("old " + i, now);
    }
    now += 2 * SECOND;
    limiter.ask("used up", now);

    for (int i = 0; i < RateLimiter.MOST_KEYS / 2; i++) {
      limiter.ask("new " + i, now);
    }

    assertThat(passed(limiter, "used up", 1)).isZero();
    assertThat(limiter.keys()).isLessThanOrEqualTo(RateLimiter.MOST_KEYS);
  }

  @Test
  void severalThreadsTogetherGetExactlyTheLimit() throws Exception {
    RateLimiter limiter = limiter(1, 1000);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      work.add(() -> passed(limiter, "shared", 2000));
    }

    int passes = 0;
    for (Future<Integer> part : threads.invokeAll(work, 30, TimeUnit.SECONDS)) {
      passes += part.get();
    }
    threads.shutdownNow();

    assertThat(passes).isEqualTo(1000);
  }

  private int passed(RateLimiter limiter, String key, int requests) {
    int passes = 0;
    for (int i = 0; i < requests; i++) {
      passes += limiter.ask(key, now).passes() ? 1 : 0;
    }
    return passes;
  }

  private RateLimiter limiter(int requestsPerSecond, int burst) {
    return limiter(requestsPerSecond, Duration.ofSeconds(1), burst);
  }

  private RateLimiter limiter(int requests, Duration per, int burst) {
    RateLimit.Key key = new RateLimit.Key.Everybody();
    return new RateLimiter(new RateLimit(requests, per, burst, key, Scope.LOCAL), now, 1);
  }
}
