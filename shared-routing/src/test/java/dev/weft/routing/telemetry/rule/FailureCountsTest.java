package dev.weft.routing.telemetry.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.telemetry.rule.FailureCounts.Failed;
import org.junit.jupiter.api.Test;

/** Why requests failed, by rule and service. */
final class FailureCountsTest {

  private static final RouteId SEARCH = new RouteId("default/search", 0);

  private final FailureCounts counts = new FailureCounts();

  private void failed(RouteId rule, String service, Cause cause, String detail, long at) {
    counts.count(rule, service, new ProxyFailure(cause, detail), at);
  }

  @Test
  void eachCauseHasItsNumberAndItsLast() {
    failed(SEARCH, "a.test", Cause.OVERFLOW, "first", 10);
    failed(SEARCH, "a.test", Cause.OVERFLOW, "x".repeat(1000), 20);
    failed(SEARCH, "a.test", Cause.UPSTREAM_RESET, "other", 15);
    failed(SEARCH, "b.test", Cause.OVERFLOW, "elsewhere", 5);

    assertThat(counts.counts())
        .containsExactlyInAnyOrder(
            new Failed(SEARCH.name(), "a.test", Cause.OVERFLOW, 2, 20, "x".repeat(300)),
            new Failed(SEARCH.name(), "a.test", Cause.UPSTREAM_RESET, 1, 15, "other"),
            new Failed(SEARCH.name(), "b.test", Cause.OVERFLOW, 1, 5, "elsewhere"));
  }

  @Test
  void soManyAreToldApartAndNoMore() {
    for (int i = 0; i < 5_000; i++) {
      failed(new RouteId("default/r" + i, 0), "a.test", Cause.OVERFLOW, "", i);
    }
    failed(new RouteId("default/r0", 0), "a.test", Cause.OVERFLOW, "", 9);

    assertThat(counts.counts()).hasSize(4_096);
    assertThat(counts.counts()).anyMatch(one -> one.requests() == 2);
  }
}
