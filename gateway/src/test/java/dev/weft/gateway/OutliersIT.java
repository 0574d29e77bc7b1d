package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.fault.Blackhole;
import dev.weft.testkit.fault.Fault;
import dev.weft.testkit.fault.FaultBackend;
import dev.weft.testkit.fault.Ledger;
import dev.weft.testkit.load.Asked;
import dev.weft.testkit.load.Callers;
import dev.weft.testkit.load.LoadReport;
import dev.weft.testkit.load.Sent;
import dev.weft.testkit.load.Tally;
import io.vertx.core.Future;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Endpoints that fail are left out, tried one attempt at a time, and taken back. */
final class OutliersIT extends ResilienceFixture {

  private static final String NO_RETRIES = "retries: {attempts: 0}, ";
  private static final String RATES =
      "weft.dev/success-rate-ejection: \"on\", weft.dev/success-rate-requests: \"20\"";
  private final Ledger apart = new Ledger();

  static Stream<Arguments> detectors() {
    return Stream.of(
        Arguments.of(Fault.status(500), "consecutive5xxErrors: 3"),
        Arguments.of(Fault.status(503), "consecutive5xxErrors: 0, consecutiveGatewayErrors: 3"),
        Arguments.of(
            Fault.reset(),
            "splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 3"),
        Arguments.of(
            Fault.status(429), "consecutive5xxErrors: 3, outlierDetectionHttpErrorCodes: [429]"));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("detectors")
  void whoFailsThriceInARowIsLeftOutAndTriedByOneWhenItsTimeIsOver(Fault fault, String detector)
      throws Exception {
    try (FaultBackend outlier = new FaultBackend(0, apart)) {
      outlier.answers(fault);
      gateway(to(NO_RETRIES), entry(good.port(), outlier.port()), outliers(detector, "2s", 100, 0));

      tally(HttpVersion.HTTP_1_1, Asked.get("/"), 60, 1);
      long before = apart.requests();
      LoadReport tried = run(100, Duration.ofSeconds(2));
      long tries = apart.requests() - before;
      outlier.answers(Fault.none());
      boolean back = seen(() -> answers(outlier) > 5);

      assertThat(before).as("before it was left out").isBetween(1L, 4L);
      assertThat(tries).as("tries of its return in 2 s of %s", tried).isBetween(0L, 3L);
      assertThat(back).as("taken back").isTrue();
      figure(
          "%s, %s: out after %d, %d tries in %s".formatted(fault, detector, before, tries, tried));
    }
  }

  @Test
  void whoSucceedsFarLessOftenIsLeftOutWhereThatIsAskedFor() throws Exception {
    List<FaultBackend> others =
        Stream.generate(() -> new FaultBackend(0, ledger)).limit(3).toList();
    try (FaultBackend outlier = new FaultBackend(0, apart)) {
      AtomicInteger number = new AtomicInteger();
      outlier.answers(any -> Fault.status(number.incrementAndGet() % 2 == 0 ? 500 : 200));
      IntStream ports = others.stream().mapToInt(FaultBackend::port);
      gateway(
          to(NO_RETRIES),
          entry(IntStream.concat(IntStream.of(good.port(), outlier.port()), ports).toArray()),
          outliers("consecutive5xxErrors: 0", "60s", 100, 0)
              .replace("interval: 0.1s", "interval: 1s")
              .replace("{name: policy}", "{name: policy, annotations: {" + RATES + "}}"));

      boolean in = answers(outlier) > 0;
      boolean out = seen(() -> answers(outlier) == 0);

      assertThat(in).as("it gets its share").isTrue();
      assertThat(out).as("one of two of its answers is an error").isTrue();
    } finally {
      others.forEach(FaultBackend::close);
    }
  }

  private String outliers(String detector, String time, int most, int least) {
    return policy(
        ("loadBalancer: {simple: ROUND_ROBIN}, outlierDetection: {%s, interval: 0.1s,"
                + " baseEjectionTime: %s, maxEjectionPercent: %d, minHealthPercent: %d}")
            .formatted(detector, time, most, least));
  }

  private long answers(FaultBackend backend) {
    try {
      long before = backend.ledger().requests();
      tally(HttpVersion.HTTP_1_1, Asked.get("/"), 20, 1);
      return backend.ledger().requests() - before;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void noMoreThanTheShareIsLeftOut() throws Exception {
    good.answers(Fault.status(500));
    bad.answers(Fault.status(500));
    gateway(
        to(NO_RETRIES),
        entry(good.port(), bad.port()),
        outliers("consecutive5xxErrors: 1", "60s", 50, 0));

    Tally tally = tally(HttpVersion.HTTP_1_1, Asked.get("/"), 12, 1);

    assertThat(tally.statuses()).as("somebody is asked: %s", tally).containsOnlyKeys(500);
    assertThat(ledger.requests()).isEqualTo(12);
  }

  @Test
  void whereAllAreLeftOutNobodyIsAskedButInAPanicAllAre() throws Exception {
    good.answers(Fault.status(500));
    bad.answers(Fault.status(500));
    gateway(
        to(NO_RETRIES),
        entry(good.port(), bad.port()),
        outliers("consecutive5xxErrors: 1", "60s", 100, 0));
    Tally none = tally(HttpVersion.HTTP_1_1, Asked.get("/"), 6, 1);
    write("entry2.yaml", outliers("consecutive5xxErrors: 1", "60s", 100, 60));

    boolean asked = seen(() -> statusNow() == 500);

    assertThat(none.statuses()).containsEntry(500, 2L).containsEntry(503, 4L);
    assertThat(none.those(sent -> sent.status() == 503))
        .allSatisfy(
            sent ->
                assertThat(sent.cause())
                    .isEqualTo("weft; error=destination_unavailable; cause=no_healthy_upstream"));
    assertThat(asked).as("60 % must be well, and none is").isTrue();
  }

  private int statusNow() {
    try {
      return await(callers(HttpVersion.HTTP_1_1).send(Asked.get("/"))).status();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void limitsAnswerAtOnceAndSaySo() throws Exception {
    good.answers(Fault.hang());
    gateway(
        to("timeout: 10s, "),
        entry(good.port()),
        policy("connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}"));
    Future<Sent> first = callers(HttpVersion.HTTP_1_1).send(Asked.get("/"));
    assertThat(seen(() -> ledger.requests() == 1)).isTrue();
    Callers others = callers(HttpVersion.HTTP_1_1);
    List<Future<Sent>> later =
        IntStream.range(0, 5).mapToObj(any -> others.send(Asked.get("/"))).toList();

    assertThat(seen(() -> later.stream().filter(Future::isComplete).count() == 4))
        .as("one waits for the connection")
        .isTrue();
    assertThat(first.isComplete()).isFalse();
    assertThat(later.stream().filter(Future::isComplete).map(Future::result))
        .allSatisfy(sent -> assertThat(sent.status()).isEqualTo(503))
        .allSatisfy(sent -> assertThat(sent.overloaded()).isTrue())
        .allSatisfy(
            sent ->
                assertThat(sent.cause())
                    .isEqualTo("weft; error=connection_limit_reached; cause=overflow"));
  }

  @Test
  void theLimitOfRequestsDoesSoToo() throws Exception {
    good.answers(Fault.hang());
    gateway(
        to("timeout: 10s, "),
        entry(good.port()),
        policy("connectionPool: {http: {http2MaxRequests: 1}}"));
    Future<Sent> first = callers(HttpVersion.HTTP_1_1).send(Asked.get("/"));
    assertThat(seen(() -> ledger.requests() == 1)).isTrue();

    Tally others = tally(HttpVersion.HTTP_1_1, Asked.get("/"), 5, 5);

    assertThat(first.isComplete()).isFalse();
    assertThat(others.those(Sent::overloaded)).as("%s", others).hasSize(5);
    assertThat(others.statuses()).containsOnlyKeys(503);
  }

  @ParameterizedTest
  @MethodSource("dead")
  void aDeadServiceCostsItsCallersLittle(Fault fault) throws Exception {
    good.answers(fault);
    gateway(to("retries: {attempts: 1, perTryTimeout: 200ms}, "), entry(good.port()));

    assertCheap(fault.toString(), tally(HttpVersion.HTTP_1_1, Asked.get("/"), 400 * SCALE, 4));
  }

  static Stream<Fault> dead() {
    return Stream.of(Fault.status(503), Fault.reset(), Fault.hang());
  }

  @Test
  void norDoesOneThatIsNotThere() throws Exception {
    good.refuse();
    gateway(to(""), entry(good.port()));

    assertCheap("refused", tally(HttpVersion.HTTP_1_1, Asked.get("/"), 400 * SCALE, 4));

    good.listen();
  }

  @Test
  void norDoesOneThatIsLostOnTheWay() throws Exception {
    try (Blackhole hole = new Blackhole()) {
      gateway(
          to("retries: {attempts: 0}, "),
          entry(hole.port()),
          policy("connectionPool: {tcp: {connectTimeout: 0.2s}}"));

      assertCheap("lost on the way", tally(HttpVersion.HTTP_1_1, Asked.get("/"), 400 * SCALE, 4));
    }
  }

  /** From the first request on. */
  private void assertCheap(String how, Tally tally) {
    Duration median = tally.within(0.5);
    assertThat(tally.statuses()).doesNotContainKey(200);
    assertThat(tally.those(Sent::overloaded)).as("%s", tally).hasSizeGreaterThan(tally.size() / 2);
    assertThat(median).as("%s", tally).isLessThanOrEqualTo(Duration.ofMillis(50));
    figure("dead (%s): p50 %d us".formatted(how, median.toNanos() / 1000));
  }
}
