package dev.weft.routing.verticle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.balance.HealthCheck;
import dev.weft.config.model.balance.HealthCheck.Probe;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.cluster.balance.Vantage;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.AlwaysClosed;
import dev.weft.routing.transport.EndpointProbe.Asked;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HealthCheckerTest {

  private static final HealthCheck CHECK =
      new HealthCheck(
          new Probe.Http("/healthz", ""),
          OptionalInt.empty(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          3,
          2);

  private final HandTimers timers = new HandTimers();
  private final List<Question> questions = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private double chance = 0.5;

  private final HealthChecker checker =
      new HealthChecker(
          (endpoint, check, authority, http2) -> {
            Question question = new Question(endpoint, Promise.promise(), Promise.promise());
            questions.add(question);
            return new Asked(question.answer.future(), question.over.future());
          },
          timers,
          () -> chance,
          (upstream, endpoint, well, why) ->
              told.add(upstream.name().subset() + endpoint.host() + " " + well + " " + why));

  private record Question(Endpoint endpoint, Promise<Void> answer, Promise<Void> over) {
    void answered(boolean well) {
      if (well) {
        answer.complete();
      } else {
        answer.fail("status 503");
      }
      over.complete();
    }
  }

  @Test
  void whatWasAskedBeforeItsRuleWentDoesNotCount() {
    Upstream upstream = upstream("", Optional.of(CHECK), 1);
    checker.look(List.of(upstream));

    upstream.settings(settings("", Optional.empty()));
    answer(false); // before the checker looks again

    assertThat(told).isEmpty();
    assertThat(endpoint(upstream).health().failsCheck()).isFalse();
  }

  @Test
  void theFirstAnswerCountsAtOnceLaterOnesAfterSomeInARow() {
    Upstream upstream = upstream("", Optional.of(CHECK), 1);
    checker.look(List.of(upstream));

    answer(false);
    assertThat(told).containsExactly("10.0.0.1 false status 503");
    assertThat(endpoint(upstream).health().failsCheck()).isTrue();

    told.clear();
    answer(true);
    assertThat(told).isEmpty();
    answer(true);
    assertThat(told).containsExactly("10.0.0.1 true ");

    told.clear();
    answer(false);
    answer(false);
    answer(true); // begins anew
    answer(false);
    answer(false);
    assertThat(told).isEmpty();
    answer(false);
    assertThat(told).containsExactly("10.0.0.1 false status 503");
  }

  @Test
  void anEndpointOfSeveralClustersIsAskedOnceAndAllLearn() {
    Upstream whole = upstream("", Optional.of(CHECK), 1);
    Upstream part = upstream("v1", Optional.of(CHECK), 1);
    checker.look(List.of(whole, part));

    assertThat(questions).hasSize(1);
    answer(false);
    assertThat(told)
        .containsExactlyInAnyOrder("10.0.0.1 false status 503", "v110.0.0.1 false status 503");

    Upstream late = upstream("v2", Optional.of(CHECK), 1);
    checker.look(List.of(whole, part, late));
    assertThat(endpoint(late).health().failsCheck()).as("who joins learns").isTrue();
    assertThat(checker.targets()).isEqualTo(1);
  }

  @Test
  void itIsNotAskedAgainBeforeTheLastQuestionIsOver() {
    checker.look(List.of(upstream("", Optional.of(CHECK), 1)));

    questions.get(0).answer.fail("no answer within 1000 ms"); // its connection is still open
    timers.turn(Duration.ofMinutes(1));
    assertThat(questions).hasSize(1);

    questions.get(0).over.complete();
    timers.turn(Duration.ofSeconds(10));
    assertThat(questions).hasSize(2);
  }

  @Test
  void atMostSixtyFourAreAskedAtATime() {
    checker.look(List.of(upstream("", Optional.of(CHECK), 200)));
    assertThat(questions).hasSize(64);

    for (int i = 0; i < 200; i++) {
      questions.get(i).answered(true);
      assertThat(questions.size()).isEqualTo(Math.min(200, 65 + i));
    }
  }

  @Test
  void onesThatHangDoNotKeepTheOthersWaiting() {
    checker.look(List.of(upstream("", Optional.of(CHECK), 65)));

    List.copyOf(questions).forEach(one -> one.answer.fail("no answer within 1000 ms"));
    assertThat(questions).hasSize(65);

    timers.turn(Duration.ofSeconds(20));
    assertThat(questions).as("not again before it is over").hasSize(65);
    questions.get(0).over.complete();
    timers.turn(Duration.ofSeconds(20));
    assertThat(questions).hasSize(66);
  }

  @Test
  void intervalsDifferByATenth() {
    chance = 0;
    checker.look(List.of(upstream("", Optional.of(CHECK), 1)));
    questions.get(0).answered(true);
    timers.turn(Duration.ofMillis(8_999));
    assertThat(questions).hasSize(1);
    timers.turn(Duration.ofMillis(1));
    assertThat(questions).hasSize(2);

    chance = 0.999;
    questions.get(1).answered(true);
    timers.turn(Duration.ofMillis(10_990));
    assertThat(questions).hasSize(2);
    timers.turn(Duration.ofMillis(10));
    assertThat(questions).hasSize(3);
  }

  @Test
  void nothingIsLeftOfWhatIsGone() {
    Upstream upstream = upstream("", Optional.of(CHECK), 3);
    checker.look(List.of(upstream));
    questions.forEach(question -> question.answered(true));
    assertThat(timers.pending()).isEqualTo(3);

    checker.look(List.of());

    assertThat(timers.pending()).isZero();
    assertThat(checker.targets()).isZero();
  }

  @Test
  void withoutACheckWhatWasKnownIsForgotten() {
    Upstream upstream = upstream("", Optional.of(CHECK), 1);
    checker.look(List.of(upstream));
    answer(false);

    upstream.settings(settings("", Optional.empty()));
    checker.look(List.of(upstream));

    assertThat(endpoint(upstream).health().failsCheck()).isFalse();
    assertThat(checker.targets()).isZero();
  }

  private void answer(boolean well) {
    questions.get(questions.size() - 1).answered(well);
    timers.turn(Duration.ofSeconds(10));
  }

  private static Endpoint endpoint(Upstream upstream) {
    return upstream.endpoints().endpoints().get(0);
  }

  private static UpstreamSettings settings(String subset, Optional<HealthCheck> check) {
    return new UpstreamSettings(
        ClusterName.outbound("b.test", 80, subset),
        TrafficPolicy.NONE,
        HttpChoice.HTTP_1,
        check,
        Vantage.UNKNOWN,
        false);
  }

  private Upstream upstream(String subset, Optional<HealthCheck> check, int endpoints) {
    Upstream upstream =
        new Upstream(settings(subset, check), timers, new AlwaysClosed(), (endpoint, out) -> {});
    upstream.endpoints(
        new EndpointSet(
            IntStream.rangeClosed(1, endpoints)
                .mapToObj(
                    i ->
                        new Endpoint(
                            "10.0.0." + i, 80, Map.of(), "", 1, new UpstreamTls.Plaintext()))
                .toList(),
            ""));
    return upstream;
  }
}
