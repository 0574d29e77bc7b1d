package dev.weft.routing.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.ProxyFailure.Cause;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class OutcomeTest {

  @ParameterizedTest
  @EnumSource(Cause.class)
  void everyCauseKeepsItsStatusAndFlag(Cause cause) {
    int outcome = Outcome.http(cause.status(), Optional.of(cause));

    assertThat(Outcome.status(outcome)).isEqualTo(cause.status());
    assertThat(Outcome.flag(outcome)).isEqualTo(cause.flag());
    assertThat(Outcome.protocol(outcome)).isEqualTo("http");
    assertThat(Outcome.grpcStatus(outcome)).isEmpty();
  }

  @Test
  void causesWithTheSameFlagAreOneSeries() {
    assertThat(Outcome.http(503, Optional.of(Cause.CONNECT_REFUSED)))
        .isEqualTo(Outcome.http(503, Optional.of(Cause.CONNECT_TIMEOUT)));
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void aDelayStandsBeforeTheFlag(Cause cause) {
    int outcome =
        Outcome.delayed(Outcome.grpc(cause.status(), Optional.of(cause), OptionalInt.of(16)));

    assertThat(Outcome.status(outcome)).isEqualTo(cause.status());
    assertThat(Outcome.flag(outcome)).isEqualTo(cause.flagAfterDelay());
    assertThat(Outcome.protocol(outcome)).isEqualTo("grpc");
    assertThat(Outcome.grpcStatus(outcome)).isEqualTo("16");
  }

  @Test
  void whatWasDelayedAndEndedWellHasNoOtherFlag() {
    assertThat(Outcome.flag(Outcome.delayed(Outcome.http(200, Optional.empty())))).isEqualTo("DI");
    assertThat(Cause.CONNECT_REFUSED.flagAfterDelay()).isEqualTo("DI,UF");
    assertThat(Cause.DENIED.flagAfterDelay()).as("Envoy has no flag for it").isEqualTo("DI");
  }

  @Test
  void whatACallerMayNotDoIsFlaggedWhereAnExternalAuthorizerSaysSo() {
    assertThat(Stream.of(Cause.values()).filter(cause -> cause.flag().equals("UAEX")))
        .containsExactlyInAnyOrder(Cause.EXTERNALLY_DENIED, Cause.AUTHORIZER_FAILED);
  }

  @Test
  void aServicesOwnAnswerHasNoFlag() {
    assertThat(Outcome.flag(Outcome.http(503, Optional.empty()))).isEqualTo("-");
  }

  @Test
  void aGrpcCallTellsItsStatusOrNone() {
    int ok = Outcome.grpc(200, Optional.empty(), OptionalInt.of(0));
    int last = Outcome.grpc(200, Optional.empty(), OptionalInt.of(16));
    int invented = Outcome.grpc(200, Optional.empty(), OptionalInt.of(99));
    int without = Outcome.grpc(503, Optional.of(Cause.OVERFLOW), OptionalInt.empty());

    assertThat(Outcome.protocol(ok)).isEqualTo("grpc");
    assertThat(Outcome.grpcStatus(ok)).isEqualTo("0");
    assertThat(Outcome.grpcStatus(last)).isEqualTo("16");
    assertThat(Outcome.grpcStatus(invented)).isEqualTo("2");
    assertThat(Outcome.grpcStatus(without)).isEmpty();
    assertThat(Outcome.flag(without)).isEqualTo("UO");
  }

  @Test
  void aCallFailsByItsOwnStatusAsARequestByItsCode() {
    int fine = Outcome.grpc(200, Optional.empty(), OptionalInt.of(0));
    int away = Outcome.grpc(200, Optional.empty(), OptionalInt.of(5));
    int broken = Outcome.grpc(200, Optional.empty(), OptionalInt.of(14));
    int unreached = Outcome.grpc(200, Optional.of(Cause.CONNECT_REFUSED), OptionalInt.of(14));
    int cut = Outcome.http(0, Optional.empty());

    assertThat(List.of(broken, unreached, cut, Outcome.http(500, Optional.empty())))
        .allMatch(Outcome::failed)
        .allMatch(OutcomeTest::failedByLabels)
        .noneMatch(Outcome::refused);
    assertThat(List.of(fine, away, Outcome.http(200, Optional.empty())))
        .noneMatch(Outcome::failed)
        .noneMatch(OutcomeTest::failedByLabels)
        .noneMatch(Outcome::refused);
  }

  @Test
  void whoIsTurnedAwayIsNoFailureWhateverTheCallIsTold() {
    List<Integer> refused =
        List.of(
            Outcome.http(429, Optional.of(Cause.RATE_LIMITED)),
            Outcome.grpc(200, Optional.of(Cause.RATE_LIMITED), OptionalInt.of(14)),
            Outcome.delayed(Outcome.grpc(200, Optional.of(Cause.RATE_LIMITED), OptionalInt.of(14))),
            Outcome.grpc(200, Optional.of(Cause.NO_ROUTE), OptionalInt.of(12)),
            Outcome.grpc(200, Optional.of(Cause.BODY_TOO_LARGE), OptionalInt.of(2)),
            Outcome.grpc(200, Optional.of(Cause.DENIED), OptionalInt.of(7)),
            Outcome.grpc(200, Optional.of(Cause.UNAUTHENTICATED), OptionalInt.of(16)));

    assertThat(refused)
        .noneMatch(Outcome::failed)
        .noneMatch(OutcomeTest::failedByLabels)
        .allMatch(Outcome::refused);
  }

  private static boolean failedByLabels(int outcome) {
    return Outcome.failed(
        "" + Outcome.status(outcome), Outcome.grpcStatus(outcome), Outcome.flag(outcome));
  }

  @Test
  void theCoarseOutcomeFailsAsTheExactOneDoes() {
    int broken = Outcome.grpc(200, Optional.of(Cause.CONNECT_REFUSED), OptionalInt.of(14));
    int coarse = Outcome.coarse(broken);
    int fine = Outcome.coarse(Outcome.grpc(200, Optional.empty(), OptionalInt.of(5)));

    assertThat(coarse).matches(Outcome::failed).isNotEqualTo(broken);
    assertThat(Outcome.flag(coarse)).isEqualTo("-");
    assertThat(Outcome.coarse(coarse)).isEqualTo(coarse);
    assertThat(Outcome.failed(fine)).isFalse();
  }

  @Test
  void theCoarseOutcomeKeepsHundredAndProtocol() {
    int coarse =
        Outcome.coarse(Outcome.grpc(504, Optional.of(Cause.UPSTREAM_TIMEOUT), OptionalInt.of(4)));

    assertThat(Outcome.status(coarse)).isEqualTo(500);
    assertThat(Outcome.protocol(coarse)).isEqualTo("grpc");
    assertThat(Outcome.flag(coarse)).isEqualTo("-");
    assertThat(Outcome.coarse(coarse)).isEqualTo(coarse);
  }
}
