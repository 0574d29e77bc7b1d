package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.Ticker;
import org.junit.jupiter.api.Test;

final class RetryBudgetTest {

  private long now;

  private final Ticker ticker =
      new Ticker() {
        @Override
        public long nanos() {
          return now;
        }

        @Override
        public long epochMillis() {
          return now / 1_000_000;
        }
      };

  @Test
  void atTotalFailureRetriesAddAFifthToTheLoad() {
    RetryBudget budget = new RetryBudget(20, 3, ticker);
    int retries = 0;

    for (int request = 0; request < 100_000; request++) {
      now += 1_000_000; // a thousand a second
      budget.deposit();
      for (int attempt = 0; attempt < 3; attempt++) {
        retries += budget.withdraw() ? 1 : 0;
      }
    }

    assertThat(retries).isBetween(19_000, 20_210); // one token a second comes back by itself
  }

  @Test
  void aRareRequestMayBeRetried() {
    RetryBudget budget = new RetryBudget(20, 3, ticker);

    budget.deposit();

    assertThat(budget.withdraw()).isTrue();
  }

  @Test
  void anEmptyBudgetGivesNothing() {
    RetryBudget budget = new RetryBudget(0, 2, ticker);

    assertThat(budget.withdraw()).isTrue();
    assertThat(budget.withdraw()).isTrue();
    assertThat(budget.withdraw()).isFalse();
  }
}
