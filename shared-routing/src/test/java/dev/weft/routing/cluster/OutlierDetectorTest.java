package dev.weft.routing.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.TrafficPolicy.OutlierDetection;
import dev.weft.config.model.balance.SuccessRate;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class OutlierDetectorTest {

  private final List<Endpoint> all =
      IntStream.range(0, 10)
          .mapToObj(
              i -> new Endpoint("10.0.0." + i, 80, Map.of(), "", 1, new UpstreamTls.Plaintext()))
          .toList();
  private final List<String> told = new ArrayList<>();
  private Optional<SuccessRate> rate = Optional.empty();
  private int least; // percent of the endpoints
  private long now;

  @Test
  void gatewayErrorsHaveACountOfTheirOwn() {
    OutlierDetector detector = detector(5, 3, false, 5, 100, List.of());

    answers(detector, 0, 500, 500, 503, 503);
    assertThat(out(0)).isFalse();
    answers(detector, 0, 503);
    assertThat(out(0)).isTrue();
    answers(detector, 1, 503, 503, 200, 503, 503);
    assertThat(out(1)).as("consecutive ones count").isFalse();
  }

  @Test
  void zeroTurnsADetectorOff() {
    OutlierDetector detector = detector(0, 0, false, 5, 100, List.of());

    answers(detector, 0, 503, 503, 503, 503, 503, 503, 503);

    assertThat(out(0)).isFalse();
  }

  @Test
  void aFailureWithoutAnAnswerCountsAsOneOfTheFiveHundreds() {
    OutlierDetector detector = detector(3, 0, false, 5, 100, List.of());

    answers(detector, 0, 500);
    fails(detector, 0, Cause.CONNECT_REFUSED, Cause.UPSTREAM_RESET);

    assertThat(out(0)).isTrue();
  }

  @Test
  void splitTheyHaveACountOfTheirOwn() {
    OutlierDetector detector = detector(3, 0, true, 2, 100, List.of());

    answers(detector, 0, 500, 500);
    fails(detector, 0, Cause.CONNECT_REFUSED);
    assertThat(out(0)).isFalse();
    fails(detector, 0, Cause.CONNECT_TIMEOUT);
    assertThat(out(0)).isTrue();
  }

  @Test
  void whoRefusesWhateverComesOrHasNoAddressFailsToo() {
    OutlierDetector detector = detector(2, 0, false, 5, 100, List.of());

    fails(detector, 0, Cause.REFUSED_STREAM, Cause.REFUSED_STREAM);
    fails(detector, 1, Cause.NAME_UNRESOLVED, Cause.NAME_UNRESOLVED);

    assertThat(out(0)).isTrue();
    assertThat(out(1)).isTrue();
  }

  @Test
  void whatTheCallerDidSaysNothing() {
    OutlierDetector detector = detector(1, 0, false, 1, 100, List.of());

    fails(detector, 0, Cause.CLIENT_GONE, Cause.OVERFLOW);

    assertThat(out(0)).isFalse();
  }

  @Test
  void codesOfTheRuleReplaceTheFiveHundreds() {
    OutlierDetector detector = detector(2, 0, false, 5, 100, List.of(429));

    answers(detector, 0, 500, 500, 500);
    assertThat(out(0)).isFalse();
    answers(detector, 0, 429, 429);
    assertThat(out(0)).isTrue();
  }

  @Test
  void noMoreThanTheShareIsLeftOutButAlwaysOneMayBe() {
    OutlierDetector third = detector(1, 0, false, 5, 30, List.of());
    for (int i = 0; i < 5; i++) {
      answers(third, i, 500);
    }
    assertThat(told).containsExactly("0 out", "1 out", "2 out");

    readmitAll(third);
    told.clear();
    OutlierDetector hardly = detector(1, 0, false, 5, 1, List.of());
    answers(hardly, 4, 500);
    answers(hardly, 5, 500);
    assertThat(told).containsExactly("4 out");

    readmitAll(hardly);
    told.clear();
    answers(detector(1, 0, false, 5, 0, List.of()), 6, 500);
    assertThat(told).as("0 is 0").isEmpty();
  }

  @Test
  void eachEjectionLastsLongerAtMostFiveMinutes() {
    OutlierDetector detector = detector(1, 0, false, 5, 100, List.of());

    for (int times = 1; times <= 12; times++) {
      answers(detector, 0, 500);
      long seconds = Math.min(300, 30 * times);
      now += Duration.ofSeconds(seconds).toNanos() - 1;
      assertThat(out(0)).as("ejection " + times).isTrue();
      now += 1;
      assertThat(out(0)).as("ejection " + times).isFalse();
      all.get(0).health().readmit(now);
    }
  }

  @Test
  void whoComesBackIsEjectedAgainByOneFailure() {
    OutlierDetector detector = detector(5, 0, false, 5, 100, List.of());
    answers(detector, 0, 500, 500, 500, 500, 500);
    readmitAll(detector);

    answers(detector, 0, 500);
    assertThat(out(0)).isTrue();
    readmitAll(detector);
    fails(detector, 0, Cause.CONNECT_REFUSED);
    assertThat(out(0)).isTrue();
    readmitAll(detector);
    answers(detector, 0, 200, 500, 500, 500, 500);

    assertThat(out(0)).as("it did well in between").isFalse();
  }

  @Test
  void whereTooFewAreLeftAllAreAsked() {
    least = 50;
    OutlierDetector detector = detector(1, 0, false, 5, 100, List.of());
    for (int i = 0; i < 5; i++) {
      answers(detector, i, 500);
    }
    assertThat(detector.panic(all, now)).as("5 of 10 are left").isFalse();

    answers(detector, 5, 500);

    assertThat(detector.panic(all, now)).as("4 of 10 are left").isTrue();
  }

  @Test
  void whoSucceedsFarLessOftenThanTheOthersIsLeftOut() {
    rate = Optional.of(new SuccessRate(5, 100, 1900));
    OutlierDetector detector = detector(0, 0, false, 5, 100, List.of());
    interval(detector);

    mixes(detector, 99, 90);
    mixes(detector, 100, 95, 95, 95, 100, 40);
    assertThat(told).as("nobody looks before the interval is over").isEmpty();
    interval(detector);

    assertThat(told).as("the first had too few requests").containsExactly("5 out");
  }

  @Test
  void amongFewerThanFiveNobodyIs() {
    rate = Optional.of(new SuccessRate(5, 100, 1900));
    OutlierDetector detector = detector(0, 0, false, 5, 100, List.of());
    interval(detector);

    mixes(detector, 100, 100, 100, 100, 0);
    interval(detector);

    assertThat(told).isEmpty();
  }

  @Test
  void unlessAskedForRatesDoNotCount() {
    OutlierDetector detector = detector(0, 0, false, 5, 100, List.of());
    interval(detector);

    mixes(detector, 100, 100, 100, 100, 100, 0);
    interval(detector);

    assertThat(told).isEmpty();
  }

  /** So many requests to endpoints of those success rates, from the second one on. */
  private void mixes(OutlierDetector detector, int requests, int... percents) {
    for (int endpoint = 0; endpoint < percents.length; endpoint++) {
      for (int i = 0; i < requests; i++) {
        answers(
            detector, percents.length == 1 ? 0 : endpoint + 1, i < percents[endpoint] ? 200 : 500);
      }
    }
  }

  private void interval(OutlierDetector detector) {
    now += Duration.ofSeconds(10).toNanos();
    detector.sweep(all, now);
  }

  private OutlierDetector detector(
      int fives, int gateway, boolean split, int local, int most, List<Integer> codes) {
    OutlierDetection settings =
        new OutlierDetection(
            fives,
            gateway,
            split,
            local,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            most,
            least,
            codes,
            rate);
    return new OutlierDetector(
        settings,
        (endpoint, ejected) -> told.add(all.indexOf(endpoint) + (ejected ? " out" : " back")));
  }

  private void answers(OutlierDetector detector, int endpoint, int... statuses) {
    for (int status : statuses) {
      detector.answered(all.get(endpoint), status, all, now);
    }
  }

  private void fails(OutlierDetector detector, int endpoint, Cause... causes) {
    for (Cause cause : causes) {
      detector.failed(all.get(endpoint), cause, all, now);
    }
  }

  private boolean out(int endpoint) {
    return all.get(endpoint).health().ejected(now);
  }

  private void readmitAll(OutlierDetector detector) {
    now += Duration.ofMinutes(6).toNanos();
    detector.sweep(all, now);
    assertThat(all).noneMatch(one -> one.health().ejected(now));
  }
}
