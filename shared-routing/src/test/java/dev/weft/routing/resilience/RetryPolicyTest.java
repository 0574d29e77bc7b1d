package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.HttpRoute.Retries;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RetryPolicyTest {

  private static final int DRAWS = 20_000;

  @Test
  void aPauseIsAnEvenDrawBelowABoundThatDoublesUpToTenTimes() {
    RetryPolicy policy =
        new RetryPolicy(
            new Retries(9, Optional.empty(), List.of(), List.of(), Duration.ofMillis(25), true));
    SplittableRandom random = new SplittableRandom(11);
    List<Integer> bounds = List.of(25, 50, 100, 200, 250, 250, 250, 250, 250);

    for (int attempt = 1; attempt <= bounds.size(); attempt++) {
      double bound = Duration.ofMillis(bounds.get(attempt - 1)).toNanos();
      int[] tenths = new int[10];
      for (int i = 0; i < DRAWS; i++) {
        tenths[(int) (10 * policy.backoff(attempt, random.nextLong()).toNanos() / bound)]++;
      }
      assertThat(tenths).as("attempt %s, from nothing on", attempt).hasSize(10);
      for (int tenth : tenths) {
        assertThat(tenth).isBetween(DRAWS / 10 - 250, DRAWS / 10 + 250); // six deviations
      }
    }
  }

  @Test
  void withoutAPauseThereIsNone() {
    RetryPolicy policy =
        new RetryPolicy(
            new Retries(9, Optional.empty(), List.of(), List.of(), Duration.ZERO, true));

    assertThat(policy.backoff(9, -1)).isZero();
  }
}
