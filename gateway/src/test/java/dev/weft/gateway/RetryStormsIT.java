package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.fault.Fault;
import dev.weft.testkit.load.LoadReport;
import java.time.Duration;
import java.util.Collection;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A backend that fails altogether gets little more load for it, and is well soon after it heals.
 */
final class RetryStormsIT extends ResilienceFixture {

  private static final int PER_SECOND = 200;

  /** Of tries that come to the backend, even where a machine takes half a second over it. */
  private static final String RETRIES =
      "timeout: 4s, retries: {attempts: 3, perTryTimeout: 1s, retryOn: '5xx,reset'}, ";

  private static final String UNBOUNDED =
      """
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default}
      spec:
        breaker: {minimumRequests: 100000}
        overload: {mode: "off"}
      """;

  static Stream<Fault> total() {
    return Stream.of(
        Fault.status(503), Fault.slow(503, Duration.ofMillis(200)), Fault.hang(), Fault.reset());
  }

  @ParameterizedTest
  @MethodSource("total")
  void totalFailureAddsAFifthAtMostAndHealsWithinThreeSeconds(Fault fault) throws Exception {
    good.answers(fault);
    bad.answers(fault);
    gateway(to(RETRIES), entry(good.port(), bad.port()));

    LoadReport storm = run(PER_SECOND, Duration.ofMillis(1500L * SCALE));
    long extra = repeats();
    long first = ledger.times().size();
    good.answers(Fault.none());
    bad.answers(Fault.none());
    LoadReport healing = run(PER_SECOND, Duration.ofSeconds(3));
    LoadReport healed = run(PER_SECOND, Duration.ofSeconds(1));

    assertThat(storm.good()).as("%s", storm).isZero();
    assertThat(first).as("first tries that came").isPositive();
    assertThat(extra).as("retries of %s", storm.sent()).isLessThanOrEqualTo(storm.sent() / 5);
    assertThat(healing.good()).as("%s", healing).isPositive();
    assertThat(healed.failed()).as("%s", healed).isZero();
    figure(
        ("%s: %d calls, %d came, %d retries (%.1f %%); in the three seconds of healing %d of %d"
                + " failed, then %d")
            .formatted(
                fault,
                storm.sent(),
                first,
                extra,
                100.0 * extra / storm.sent(),
                healing.failed(),
                healing.sent(),
                healed.failed()));
  }

  /**
   * No breaker, and no limit of what is under way, stops anybody here. While first tries hang the
   * budget holds no more than a second's deposits, so it takes more than that second.
   */
  @ParameterizedTest
  @MethodSource("total")
  void theBudgetAloneBoundsWhatRetriesAdd(Fault fault) throws Exception {
    good.answers(fault);
    bad.answers(fault);
    gateway(to(RETRIES), entry(good.port(), bad.port()), UNBOUNDED);

    LoadReport storm = run(PER_SECOND, Duration.ofSeconds(3L * SCALE));

    assertThat(ledger.times()).as("all came: %s", storm).hasSize((int) storm.sent());
    assertThat(repeats())
        .as("retries of %s", storm.sent())
        .isBetween(storm.sent() / 10, storm.sent() / 5);
    figure(
        "%s, the budget alone: %d calls, %.1f %% extra load"
            .formatted(fault, storm.sent(), 100.0 * repeats() / storm.sent()));
  }

  /** Deliveries beyond each request's first. */
  private long repeats() {
    Collection<Integer> times = ledger.times().values();
    return times.stream().mapToLong(count -> count - 1L).sum();
  }

  /** Of a machine that stands still for a while the limit would make an overload. */
  @Test
  void whereEveryFifthAttemptFailsByChanceNearlyAllSucceed() throws Exception {
    SplittableRandom chance = new SplittableRandom(5);
    gateway(to("retries: {attempts: 3, retryOn: 5xx}, "), entry(good.port()), UNBOUNDED);
    run(400, Duration.ofSeconds(1)); // whose deposits the budget holds
    good.answers(any -> chance.nextInt(5) == 0 ? Fault.status(503) : Fault.none());

    LoadReport report = run(400, Duration.ofSeconds(5L * SCALE));

    double success = (double) report.good() / report.sent();
    assertThat(success).as("%s", report).isGreaterThanOrEqualTo(0.995);
    assertThat(repeats()).as("it did fail").isGreaterThan(report.sent() / 6);
    figure(
        "20 %% random 503, three retries: %.2f %% of %d succeeded, %.1f %% extra load"
            .formatted(100 * success, report.sent(), 100.0 * repeats() / report.sent()));
  }
}
