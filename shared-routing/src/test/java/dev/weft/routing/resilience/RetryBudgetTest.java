package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RetryBudgetTest {

  @Test
  void atTotalFailureRetriesAddAFifthToTheLoad() {
    RetryBudget budget = new RetryBudget(20, 3);
    int retries = 0;

    for (int request = 0; request < 100_000; request++) {
      if (request % 1000 == 999) {
        budget.refill(); // a thousand requests a second
      }
      budget.deposit();
      for (int attempt = 0; attempt < 3; attempt++) {
        retries += budget.withdraw() ? 1 : 0;
      }
    }

    assertThat(retries).isBetween(19_900, 20_000);
    assertThat(budget.refused()).isEqualTo(300_000 - retries);
  }

  @Test
  void whateverTheTimingRetriesAreNeverMoreThanAFifthOfAllRequests() {
    SplittableRandom random = new SplittableRandom(3);
    for (int run = 0; run < 200; run++) {
      RetryBudget budget = new RetryBudget(20, 3);
      int requests = 0;
      int retries = 0;
      for (int second = 0; second < 20; second++) {
        int now = random.nextInt(3) == 0 ? 0 : random.nextInt(25, 300); // a stall among them
        for (int request = 0; request < now; request++) {
          budget.deposit();
          retries += budget.withdraw() ? 1 : 0;
          retries += budget.withdraw() ? 1 : 0;
        }
        requests += now;
        assertThat(5 * retries).as("run %s, second %s", run, second).isLessThanOrEqualTo(requests);
        budget.refill();
      }
      assertThat(retries).isGreaterThanOrEqualTo(requests / 5 - 1);
    }
  }

  @Test
  void whatWasMadeUpIsPaidBackOnceThereIsEnough() {
    RetryBudget budget = new RetryBudget(20, 3);
    int retries = 0;
    for (int request = 0; request < 20; request++) {
      budget.deposit();
    }
    while (budget.withdraw()) {
      retries++;
    }
    budget.refill();
    budget.refill(); // a second without any request
    retries += budget.withdraw() ? 1 : 0;

    for (int request = 0; request < 10; request++) {
      budget.deposit();
      retries += budget.withdraw() ? 1 : 0;
    }

    assertThat(retries).isEqualTo(4 + 1 + 1); // of 30 requests
  }

  @Test
  void aSecondThatBringsLessThanOneTokenIsMadeUpToOne() {
    RetryBudget budget = new RetryBudget(20, 3);
    int retries = 0;

    for (int second = 0; second < 100; second++) {
      budget.deposit();
      budget.deposit();
      retries += budget.withdraw() ? 1 : 0;
      retries += budget.withdraw() ? 1 : 0;
      budget.refill();
    }

    assertThat(retries).isBetween(99, 103);
  }

  @Test
  void retriesThatHealAreFreeFromTheFifthOn() {
    RetryBudget budget = new RetryBudget(0, 5);

    for (int i = 0; i < 100; i++) {
      assertThat(budget.withdraw()).as("retry " + i).isTrue();
      budget.ended(true, true);
    }
  }

  @Test
  void afterOneThatFailsFourAreThereToProveIt() {
    RetryBudget budget = new RetryBudget(0, 6);
    for (int i = 0; i < 6; i++) {
      budget.withdraw();
    }
    budget.ended(false, true);
    for (int i = 0; i < 4; i++) {
      budget.ended(true, true);
    }
    assertThat(budget.tokens()).isZero();

    budget.ended(true, true);

    assertThat(budget.tokens()).isEqualTo(1);
  }

  @Test
  void whatWasFreeGivesNothingBack() {
    RetryBudget budget = new RetryBudget(0, 1);
    budget.withdraw();

    for (int i = 0; i < 10; i++) {
      budget.ended(true, false);
    }

    assertThat(budget.tokens()).isZero();
  }

  @Test
  void whenFourOfFiveFailRetriesAddAFifth() {
    assertThat(added(0.8)).isBetween(0.19, 0.205);
  }

  @Test
  void whenEveryFifthFailsNoneIsRefused() {
    assertThat(added(0.2)).isBetween(0.23, 0.26); // 0.2 + 0.04 + 0.008
  }

  @Test
  void retriesNeverAddAThird() {
    for (int percent = 1; percent <= 100; percent++) {
      assertThat(added(percent / 100.0)).as(percent + " %").isLessThan(0.33);
    }
  }

  /** What three retries add to the load when so many attempts fail. */
  private static double added(double failing) {
    SplittableRandom random = new SplittableRandom(11);
    RetryBudget budget = new RetryBudget(20, 3);
    int requests = 50_000;
    int retries = 0;
    for (int request = 0; request < requests; request++) {
      if (request % 500 == 499) {
        budget.refill();
      }
      budget.deposit();
      boolean failed = random.nextDouble() < failing;
      for (int attempt = 0; failed && attempt < 3 && budget.withdraw(); attempt++) {
        retries++;
        failed = random.nextDouble() < failing;
        budget.ended(!failed, true);
      }
    }
    return (double) retries / requests;
  }

  @Test
  void aRareRequestMayBeRetried() {
    RetryBudget budget = new RetryBudget(20, 3);

    budget.deposit();

    assertThat(budget.withdraw()).isTrue();
    assertThat(budget.refused()).isZero();
  }

  @Test
  void anEmptyBudgetGivesNothingUntilItIsRefilled() {
    RetryBudget budget = new RetryBudget(0, 2);

    assertThat(budget.withdraw()).isTrue();
    assertThat(budget.withdraw()).isTrue();
    assertThat(budget.withdraw()).isFalse();
    budget.refill();

    assertThat(budget.withdraw()).isTrue();
    assertThat(budget.withdraw()).isFalse();
  }

  @Test
  void aQuietSecondLeavesNoMoreThanTheMinimum() {
    RetryBudget budget = new RetryBudget(20, 3);
    for (int request = 0; request < 1000; request++) {
      budget.deposit();
    }
    long busy = budget.tokens();

    budget.refill();
    budget.refill();

    assertThat(busy).isEqualTo(200);
    assertThat(budget.tokens()).isEqualTo(3);
  }
}
