package dev.weft.routing.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.telemetry.MeshSignals.Limits;
import dev.weft.routing.telemetry.MeshSignals.Reading;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MeshSignalsTest {

  private static final int OK = Outcome.http(200, Optional.empty());

  private final HandTicker ticker = new HandTicker();
  private final MeshSignals signals =
      new MeshSignals(1, new Limits(Duration.ofMinutes(15), 3, true), ticker);

  @Test
  void theSameLabelsAreTheSameCounters() {
    EdgeSignals first = signals.edge(Samples.gatewayToSearch("v1"));

    assertThat(signals.edge(Samples.gatewayToSearch("v1"))).isSameAs(first);
    assertThat(signals.edge(Samples.gatewayToSearch("v2"))).isNotSameAs(first);
  }

  @Test
  void anIdleEdgeIsToldNoMoreAndReturnsWithWhatItHad() {
    EdgeSignals edge = signals.edge(Samples.gatewayToSearch("v1"));
    edge.record(0, OK, 1, 0, 0);
    assertThat(signals.readings()).hasSize(1);

    ticker.turn(Duration.ofMinutes(15));
    assertThat(signals.readings()).isEmpty();

    edge.record(0, OK, 1, 0, 0);
    assertThat(signals.readings())
        .singleElement()
        .extracting(reading -> reading.durationMillis().count())
        .isEqualTo(2L);
    assertThat(signals.edge(Samples.gatewayToSearch("v1"))).isSameAs(edge);
  }

  @Test
  void anEdgeInUseStays() {
    EdgeSignals edge = signals.edge(Samples.gatewayToSearch("v1"));

    for (int minute = 0; minute < 60; minute += 10) {
      edge.record(0, OK, 1, 0, 0);
      ticker.turn(Duration.ofMinutes(10));
      assertThat(signals.readings()).hasSize(1);
    }
  }

  @Test
  void tooManyCallersAreNotToldApart() {
    for (int i = 0; i < 3; i++) {
      signals.edge(Samples.gatewayToSearch("v" + i)).record(0, OK, 1, 0, 0);
    }
    EdgeLabels fourth = Samples.gatewayToSearch("v9");

    signals.edge(fourth).record(0, OK, 1, 0, 0);
    signals.edge(fourth).record(0, OK, 1, 0, 0);

    assertThat(signals.edge(fourth).labels().source()).isEqualTo(EdgeLabels.Workload.NOBODY);
    assertThat(signals.edge(fourth).labels().destination()).isEqualTo(fourth.destination());
    assertThat(signals.readings())
        .filteredOn(reading -> reading.labels().equals(fourth.withoutSource()))
        .extracting((Reading reading) -> reading.durationMillis().count())
        .containsExactly(2L);
    assertThat(signals.overflow().edges()).as("each time that it was looked for").isEqualTo(4);
  }

  @Test
  void tooManyServicesAreNotToldApartEither() {
    for (int i = 0; i < 100; i++) {
      signals.edge(Samples.gatewayToSearch("v" + i)).record(0, OK, 1, 0, 0);
    }

    assertThat(signals.readings()).hasSize(7);
    assertThat(signals.readings())
        .filteredOn(reading -> reading.labels().service().host().equals("overflow"))
        .extracting((Reading reading) -> reading.durationMillis().count())
        .containsExactly(94L);
    assertThat(signals.overflow()).isEqualTo(new MeshSignals.Overflow(97, 0, 0));
  }
}
