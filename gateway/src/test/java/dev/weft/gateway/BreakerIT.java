package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.fault.Fault;
import dev.weft.testkit.load.Asked;
import dev.weft.testkit.load.Callers;
import dev.weft.testkit.load.Sent;
import dev.weft.testkit.load.Tally;
import io.vertx.core.Future;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/**
 * A breaker that is open lets real requests probe, one at a time, after pauses that double; counted
 * and timed at the backend. Timers are never early, so that a pause has a least length.
 */
final class BreakerIT extends ResilienceFixture {

  private static final int OPENS_AFTER = 5;
  private static final int OPEN_MILLIS = 200;
  private static final int MOST_MILLIS = 800;
  private static final int ATTEMPT_MILLIS = 100; // that a failing probe takes
  private static final int PROBES = 7; // with pauses that doubled without end: after 25 s
  private static final String SETTINGS =
      """
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default}
      spec:
        breaker: {minimumRequests: %d, failurePercent: 100, window: 10s, open: %dms, maxOpen: %dms}
      """
          .formatted(OPENS_AFTER, OPEN_MILLIS, MOST_MILLIS);

  private final List<Long> arrived = new CopyOnWriteArrayList<>(); // milliseconds, at the backend

  private void failing() {
    good.answers(
        request -> {
          arrived.add(System.nanoTime() / 1_000_000);
          return Fault.slow(503, Duration.ofMillis(ATTEMPT_MILLIS));
        });
  }

  /** Eight callers at once, again and again, until the backend has seen so many. */
  private List<Sent> until(int attempts) throws Exception {
    Callers callers = callers(HttpVersion.HTTP_1_1);
    List<Sent> all = new ArrayList<>();
    seen(
        () -> {
          List<Future<Sent>> some = new ArrayList<>();
          for (int i = 0; i < 8; i++) {
            some.add(callers.send(Asked.get("/")));
          }
          try {
            await(Future.all(some));
          } catch (Exception e) {
            throw new AssertionError(e);
          }
          some.forEach(one -> all.add(one.result()));
          return arrived.size() >= attempts;
        });
    return all;
  }

  @Test
  void whoProbesDoesSoAloneAfterPausesThatDouble() throws Exception {
    failing();
    gateway(to("retries: {attempts: 0}, "), entry(good.port()), SETTINGS);

    Tally opening = tally(HttpVersion.HTTP_1_1, Asked.get("/"), 3 * OPENS_AFTER, 1);
    int before = arrived.size();
    List<Sent> meanwhile = until(OPENS_AFTER + PROBES);

    assertThat(opening.those(Sent::overloaded)).as("%s", opening).isNotEmpty();
    assertThat(before).as("%s", opening).isBetween(OPENS_AFTER, OPENS_AFTER + 2);
    assertThat(arrived).as("with them").hasSizeGreaterThanOrEqualTo(OPENS_AFTER + PROBES);
    long pause = OPEN_MILLIS;
    for (int i = OPENS_AFTER; i < arrived.size(); i++) {
      assertThat(arrived.get(i) - arrived.get(i - 1))
          .as("before probe %d, in %s", i - OPENS_AFTER + 1, arrived)
          .isGreaterThanOrEqualTo(pause);
      pause = Math.min(MOST_MILLIS, 2 * pause);
    }
    assertThat(meanwhile)
        .filteredOn(sent -> !sent.overloaded())
        .as("all but the probes are refused at once")
        .hasSize(arrived.size() - before);
    assertThat(meanwhile).allSatisfy(sent -> assertThat(sent.status()).isEqualTo(503));
  }

  @Test
  void theFirstProbeThatSucceedsLetsEverybodyPass() throws Exception {
    failing();
    gateway(to("retries: {attempts: 0}, "), entry(good.port()), SETTINGS);
    until(OPENS_AFTER + 1);

    good.answers(Fault.none());
    Callers callers = callers(HttpVersion.HTTP_1_1);
    boolean closed =
        seen(
            () -> {
              try {
                return await(callers.send(Asked.get("/"))).status() == 200;
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    Tally after = tally(HttpVersion.HTTP_1_1, Asked.get("/"), 50, 8);

    assertThat(closed).isTrue();
    assertThat(after.statuses()).as("%s", after).containsOnlyKeys(200);
  }
}
