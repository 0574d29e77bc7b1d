package dev.weft.routing.process.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.LoadResult;
import dev.weft.config.problem.Problem;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.exchange.Workload;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** What serves is looked at after each change, never twice at once, and seldom. */
final class LinterTest {

  private static final String SHADOWED =
      LintFixture.rules(
          """
            - directResponse: {status: 200}
            - match: [{uri: {prefix: /a}}]
              directResponse: {status: 201}
          """);
  private static final String PREFIXES =
      LintFixture.rules(
          """
            - match: [{uri: {prefix: /foo}, method: {exact: GET}}]
              directResponse: {status: 202}
            - match: [{uri: {prefix: /foobar}}]
              directResponse: {status: 203}
          """);
  private static final String SOUND = LintFixture.rules("    - directResponse: {status: 200}\n");
  private static final String OFF =
      SHADOWED
          + """
          ---
          apiVersion: weft.dev/v1
          kind: ProxySettings
          metadata: {name: default}
          spec: {lint: off}
          """;

  private final HandTimers timers = new HandTimers();
  private final ArrayDeque<Runnable> works = new ArrayDeque<>();
  private final Linter linter =
      new Linter(
          this::later, timers, timers, new Workload("default", "a", "cluster.local", Map.of()));

  private Future<Lint.Outcome> later(Callable<Lint.Outcome> look) {
    Promise<Lint.Outcome> promise = Promise.promise();
    works.add(
        () -> {
          try {
            promise.complete(look.call());
          } catch (Exception e) {
            promise.fail(e);
          }
        });
    return promise.future();
  }

  private List<Problem> served(long version, String text) {
    LoadResult loaded = LintFixture.loaded(text);
    assertThat(loaded.accepted()).as("%s", loaded.problems()).isTrue();
    linter.served(version, loaded.config(), loaded.problems());
    return loaded.problems();
  }

  private AdminView.Config shown(long version, List<Problem> problems) {
    return linter.with(
        new AdminView.Config(
            Long.toString(version),
            Instant.EPOCH,
            Duration.ZERO,
            List.of(),
            problems,
            0,
            Optional.empty()));
  }

  private String state() {
    return shown(0, List.of()).lint().map(AdminView.Lint::state).orElse("none");
  }

  @Test
  void whatIsFoundStandsBesideWhatTheLoadTold() {
    List<Problem> load = served(7, PREFIXES);
    assertThat(state()).isEqualTo("waiting");
    assertThat(shown(7, load).problems()).isEqualTo(load);

    timers.turn(Duration.ofSeconds(1));
    works.remove().run();

    assertThat(state()).isEqualTo("done");
    assertThat(shown(7, load).lint().orElseThrow().findings()).isEqualTo(1);
    assertThat(shown(7, load).problems())
        .filteredOn(one -> one.code().equals("WF136"))
        .singleElement()
        .satisfies(one -> assertThat(one.message()).contains("e.g. GET http://a.test/foobar"));
    assertThat(linter.counts()).containsEntry("WF136", 1L);
  }

  @Test
  void whatTheLoadToldIsProved() {
    List<Problem> load = served(7, SHADOWED);
    timers.turn(Duration.ofSeconds(1));
    works.remove().run();

    assertThat(load).noneMatch(one -> one.message().contains("e.g. GET"));
    assertThat(shown(7, load).problems())
        .hasSameSizeAs(load)
        .anyMatch(one -> one.message().contains("e.g. GET http://a.test/a goes to default/a#0"));
    assertThat(linter.counts()).containsEntry("WF122", 1L);
  }

  @Test
  void aRefusedLoadIsShownAsItIs() {
    served(7, PREFIXES);
    timers.turn(Duration.ofSeconds(1));
    works.remove().run();
    List<Problem> refused = LintFixture.loaded("a: [").problems();

    assertThat(shown(7, refused).problems()).isEqualTo(refused);
    assertThat(linter.counts()).containsEntry("WF136", 1L);
  }

  @Test
  void manyChangesAreLookedAtOnce() {
    served(1, SHADOWED);
    served(2, SHADOWED);
    served(3, SOUND);

    timers.turn(Duration.ofSeconds(1));

    assertThat(works).hasSize(1);
    works.remove().run();
    assertThat(state()).isEqualTo("done");
    assertThat(linter.counts()).isEmpty();
  }

  @Test
  void aNewerVersionEndsTheLookAtTheOneBefore() {
    served(1, PREFIXES);
    timers.turn(Duration.ofSeconds(1));
    List<Problem> newer = served(2, SOUND);

    works.remove().run();

    assertThat(state()).isEqualTo("waiting");
    assertThat(linter.counts()).isEmpty();
    timers.turn(Duration.ofSeconds(1));
    works.remove().run();
    assertThat(shown(2, newer).lint().orElseThrow().findings()).isZero();
    assertThat(state()).isEqualTo("done");
    assertThat(works).isEmpty();
  }

  @Test
  void otherEndpointsLetTheLookGoOnAndAskForAnother() {
    served(1, PREFIXES);
    timers.turn(Duration.ofSeconds(1));
    served(1, PREFIXES);

    works.remove().run();

    assertThat(state()).isEqualTo("done");
    assertThat(linter.counts()).containsEntry("WF136", 1L);
    timers.turn(Duration.ofSeconds(1));
    assertThat(works).hasSize(1);
  }

  @Test
  void itRestsNineteenTimesAsLongAsItWorked() {
    served(1, PREFIXES);
    timers.turn(Duration.ofSeconds(1));
    Runnable slow = works.remove();
    timers.turn(Duration.ofSeconds(2));
    slow.run();
    served(2, SOUND);

    timers.turn(Duration.ofMillis(37_999));
    assertThat(works).isEmpty();
    timers.turn(Duration.ofMillis(1));

    assertThat(works).hasSize(1);
  }

  @Test
  void whatTakesTooLongIsCutAndSaysSo() {
    List<Problem> load = served(1, PREFIXES);
    timers.turn(Duration.ofSeconds(1));
    timers.turn(Duration.ofSeconds(10));

    works.remove().run();

    assertThat(state()).isEqualTo("cut");
    assertThat(shown(1, load).problems())
        .anyMatch(
            one ->
                one.code().equals("WF111") && one.message().contains("in the time that there is"));
  }

  @Test
  void aLookThatFailsIsTriedAgainAfterTheNextChange() {
    served(1, PREFIXES);
    timers.turn(Duration.ofSeconds(1));
    works.clear();
    Linter failing =
        new Linter(
            look -> Future.failedFuture("no thread"),
            timers,
            timers,
            new Workload("default", "a", "cluster.local", Map.of()));
    LoadResult loaded = LintFixture.loaded(PREFIXES);

    failing.served(1, loaded.config(), loaded.problems());
    timers.turn(Duration.ofSeconds(1));
    failing.served(2, loaded.config(), loaded.problems());

    assertThat(failing.counts()).isEmpty();
    assertThat(timers.pending()).isEqualTo(1);
  }

  @Test
  void aSettingTurnsItOff() {
    List<Problem> load = served(1, OFF);

    assertThat(state()).isEqualTo("off");
    assertThat(timers.pending()).isZero();
    assertThat(shown(1, load).problems()).isEqualTo(load);
    assertThat(linter.counts()).containsEntry("WF122", 1L);
  }

  @Test
  void whoeverGetsItFromAControlPlaneShowsNothing() {
    assertThat(shown(4, List.of()).lint()).isEmpty();
  }
}
