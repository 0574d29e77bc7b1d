package dev.weft.routing.telemetry.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.MeshSignals.Limits;
import dev.weft.routing.telemetry.MeshSignals.Scrape;
import dev.weft.routing.telemetry.PrometheusMetrics;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class RuleSignalsTest {

  private static final Decision REFUSED =
      new Decision(
          RouteId.NONE,
          new Decision.Refuse(Cause.NO_ROUTE),
          "/",
          "search.test",
          Optional.empty(),
          List.of());

  private final MeshSignals signals = new MeshSignals(1, Limits.DEFAULT, new HandTicker());
  private final RuleCounts rules = new RuleCounts();

  @Test
  void whatARuleWasAskedAndWhatOfItFailedAreOfOneMoment() throws Exception {
    RuleSignals.tell(signals, rules);
    rules.count(REFUSED, true, 3_000_000);
    AtomicBoolean over = new AtomicBoolean();
    Thread failing = new Thread(() -> failUntil(over), "failing");
    failing.start();
    try (PrometheusMetrics metrics = new PrometheusMetrics(signals)) {
      for (int i = 0; i < 100; i++) {
        String text = metrics.scrape();

        assertThat(value(text, "weft_route_failures_total"))
            .isPresent()
            .isEqualTo(value(text, "weft_route_requests_total"));
      }
    } finally {
      over.set(true);
      failing.join();
    }
  }

  @Test
  void whatSeveralFamiliesAreToldFromIsReadOnceInEachScrape() {
    AtomicInteger reads = new AtomicInteger();
    Supplier<Integer> read = reads::incrementAndGet;
    Scrape first = new Scrape();

    assertThat(first.once(read)).isEqualTo(1);
    assertThat(first.once(read)).isEqualTo(1);
    assertThat(new Scrape().once(read)).isEqualTo(2);
  }

  private void failUntil(AtomicBoolean over) {
    while (!over.get()) {
      rules.count(REFUSED, true, 3_000_000);
    }
  }

  /** Of the family's only series. */
  private static Optional<String> value(String text, String family) {
    return text.lines()
        .filter(line -> line.startsWith(family))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .findAny();
  }
}
