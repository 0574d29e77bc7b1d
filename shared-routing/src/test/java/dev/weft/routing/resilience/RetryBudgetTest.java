package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

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

    assertThat(retries).isBetween(19_000, 20_003);
    assertThat(budget.refused()).isEqualTo(300_000 - retries);
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
