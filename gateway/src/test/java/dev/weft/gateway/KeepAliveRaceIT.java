package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.load.Asked;
import dev.weft.testkit.load.Callers;
import dev.weft.testkit.load.Sent;
import dev.weft.testkit.load.Tally;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A backend closes connections on which nothing happens, just when the next request comes: a tenth
 * of its patience before that it does not read any more. No caller sees it. One second stands for
 * the usual five, and forty callers for the length of an hour.
 */
final class KeepAliveRaceIT extends ResilienceFixture {

  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final int ROUNDS = 8 * SCALE;

  @ParameterizedTest(name = "{0} over {1}")
  @CsvSource({"GET, HTTP_1_1, 40", "POST, HTTP_1_1, 40", "POST, HTTP_2, 1"})
  void noCallerSeesAConnectionThatWasIdleForTooLong(
      String method, HttpVersion version, int together) throws Exception {
    good.closesIdle(IDLE, false);
    good.crossesAfter(IDLE.multipliedBy(9).dividedBy(10));
    gateway(to(""), entry(good.port()), policy(speaks(version)));
    Asked asked = method.equals("GET") ? Asked.get("/") : Asked.post("/");
    AtomicInteger failed = new AtomicInteger();
    AtomicInteger twice = new AtomicInteger();

    learn(version, together);
    Future<Void> all = Future.succeededFuture();
    for (int i = 0; i < together; i++) {
      all = Future.join(all, new Caller(asked, i, failed, twice).begin()).mapEmpty();
    }
    patiently(all);

    assertThat(failed).hasValue(0);
    assertThat(twice).as("delivered twice").hasValue(0);
    assertThat(ledger.connections()).as("it did close").isGreaterThan(together);
    figure(
        "%s over %s: %d requests, %d connections, %d failed"
            .formatted(method, version, ROUNDS * together, ledger.connections(), failed.get()));
  }

  /** Lets the backend close connections twice; that costs no GET. */
  private void learn(HttpVersion version, int together) throws Exception {
    for (int closes = 0; closes < 3; closes++) {
      Tally tally = tally(HttpVersion.HTTP_1_1, Asked.get("/"), together, together);
      assertThat(tally.failed()).as("%s, %s", version, tally).isEmpty();
      await(vertx.timer(IDLE.toMillis() * 5 / 4, TimeUnit.MILLISECONDS)); // its own timers end
    }
  }

  /** Sends, waits about as long as the backend does, and sends again. */
  private final class Caller {

    private final Asked asked;
    private final SplittableRandom pauses;
    private final AtomicInteger failed;
    private final AtomicInteger twice;
    private final Callers callers = callers(HttpVersion.HTTP_1_1);
    private final Promise<Void> done = Promise.promise();
    private int left = ROUNDS;

    private Caller(Asked asked, int seed, AtomicInteger failed, AtomicInteger twice) {
      this.asked = asked;
      this.pauses = new SplittableRandom(seed);
      this.failed = failed;
      this.twice = twice;
    }

    private Future<Void> begin() {
      vertx.getOrCreateContext().runOnContext(now -> next());
      return done.future();
    }

    private void next() {
      if (left-- == 0) {
        done.complete();
        return;
      }
      callers.send(asked).onComplete(ended -> ended(ended.result()));
    }

    private void ended(Sent sent) {
      failed.addAndGet(sent.succeeded() ? 0 : 1);
      boolean repeated = asked.bodyBytes() > 0 && ledger.times(sent.id()) > 1;
      twice.addAndGet(repeated ? 1 : 0);
      long most = IDLE.toMillis() * 3 / 2;
      vertx.timer(1 + pauses.nextLong(most), TimeUnit.MILLISECONDS).onComplete(over -> next());
    }
  }

  /**
   * Of which nothing was seen before: all of them send together, wait as long as it does, again.
   */
  @ParameterizedTest(name = "{0} of {1}")
  @CsvSource({"POST, 40", "POST, 1", "GET, 40"})
  void notEvenAtItsFirstTimes(String method, int together) throws Exception {
    Duration idle = Duration.ofSeconds(SCALE == 1 ? 2 : 5);
    good.closesIdle(idle, false);
    good.crossesAfter(idle.multipliedBy(9).dividedBy(10));
    gateway(to(""), entry(good.port()));
    Asked asked = method.equals("GET") ? Asked.get("/") : Asked.post("/");

    for (int round = 0; round < 4 * SCALE; round++) {
      Tally tally = tally(HttpVersion.HTTP_1_1, asked, together, together);
      assertThat(tally.failed()).as("round %s: %s", round, tally).isEmpty();
      assertThat(tally.all())
          .filteredOn(sent -> asked.bodyBytes() > 0)
          .allSatisfy(sent -> assertThat(ledger.times(sent.id())).isEqualTo(1));
      await(vertx.timer(idle.toMillis() * (92 + round % 3 * 4) / 100, TimeUnit.MILLISECONDS));
    }
    figure(
        "%s of %d at once, nothing known: %d rounds at %d ms, %d connections, 0 failed"
            .formatted(method, together, 4 * SCALE, idle.toMillis(), ledger.connections()));
  }

  @Test
  void whatTheBackendSaysOfItsPatienceIsHeeded() throws Exception {
    good.closesIdle(Duration.ofSeconds(1), true);
    gateway(to(""), entry(good.port()));
    Callers callers = callers(HttpVersion.HTTP_1_1);

    assertThat(await(callers.send(Asked.get("/"))).succeeded()).isTrue();
    await(vertx.timer(850, TimeUnit.MILLISECONDS));
    assertThat(await(callers.send(Asked.post("/"))).succeeded()).isTrue();

    assertThat(ledger.connections()).as("four fifths of a second are over").isEqualTo(2);
  }
}
