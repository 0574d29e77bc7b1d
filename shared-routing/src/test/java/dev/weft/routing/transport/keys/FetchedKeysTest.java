package dev.weft.routing.transport.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.authentication.KeySources.Address;
import dev.weft.routing.authentication.jwt.JoseKeys;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.testkit.token.TestKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When keys are fetched, and which are known meanwhile. */
final class FetchedKeysTest {

  private static final JoseKeys ONE = JoseKeys.parse(TestKey.set(TestKey.ed25519("one")));
  private static final JoseKeys OTHER = JoseKeys.parse(TestKey.set(TestKey.ed25519("other")));

  private final HandTicker ticker = new HandTicker();
  private final Deque<Promise<JoseKeys>> requests = new ArrayDeque<>();
  private int asked;
  private final FetchedKeys keys =
      new FetchedKeys(
          new Address("a", Optional.empty(), Duration.ofSeconds(5)),
          address -> {
            asked++;
            Promise<JoseKeys> promise = Promise.promise();
            requests.add(promise);
            return promise.future();
          },
          ticker,
          Runnable::run);

  private void known() {
    keys.open();
    requests.remove().complete(ONE);
  }

  private void missing() {
    keys.open();
    requests.remove().fail("refused");
  }

  @Test
  void theyAreFetchedAtOnceAndWhoeverComesMeanwhileWaits() {
    keys.open();

    Future<Optional<JoseKeys>> first = keys.others(keys.now());
    Future<Optional<JoseKeys>> second = keys.others(keys.now());
    boolean waits = !first.isComplete() && !second.isComplete();
    requests.remove().complete(ONE);

    assertThat(waits).isTrue();
    assertThat(asked).as("fetched").isEqualTo(1);
    assertThat(first.result()).contains(ONE);
    assertThat(second.result()).contains(ONE);
    assertThat(keys.now()).contains(ONE);
  }

  @Test
  void anUnknownKeyIsAskedForAtOnceAndThenEveryTenSeconds() {
    known();

    Future<Optional<JoseKeys>> first = keys.others(keys.now());
    requests.remove().complete(OTHER);
    Future<Optional<JoseKeys>> early = keys.others(keys.now());
    ticker.turn(FetchedKeys.PAUSE);
    Future<Optional<JoseKeys>> later = keys.others(keys.now());

    assertThat(first.result()).contains(OTHER);
    assertThat(early.result()).contains(OTHER);
    assertThat(later.isComplete()).isFalse();
    assertThat(asked).isEqualTo(3);
  }

  @Test
  void whoTriedOthersThanThoseKnownHasNothingFetchedForHim() {
    Optional<JoseKeys> before = keys.now(); // he looks, and then they come
    known();

    Future<Optional<JoseKeys>> late = keys.others(before);
    Future<Optional<JoseKeys>> rotated = keys.others(keys.now());
    int fetched = asked;
    requests.remove().complete(OTHER);

    assertThat(late.result()).contains(ONE);
    assertThat(fetched).as("the first time, and for the one with a new key").isEqualTo(2);
    assertThat(rotated.result()).contains(OTHER);
  }

  @Test
  void whoAsksDuringAFetchGetsAnotherOneWhereItBringsWhatWasSoBefore() {
    known();
    ticker.turn(FetchedKeys.FRESH);
    keys.look(); // under way before the keys were changed

    Future<Optional<JoseKeys>> rotated = keys.others(keys.now());
    requests.remove().complete(ONE);
    boolean waits = !rotated.isComplete();
    requests.remove().complete(OTHER);

    assertThat(waits).isTrue();
    assertThat(rotated.result()).contains(OTHER);
    Future<Optional<JoseKeys>> stranger = keys.others(keys.now());
    assertThat(stranger.isComplete()).as("too early to ask again").isTrue();
    assertThat(asked).isEqualTo(3);
  }

  @Test
  void theLastGoodOnesAreKept() {
    known();

    Future<Optional<JoseKeys>> asking = keys.others(keys.now());
    requests.remove().fail("garbage");

    assertThat(asking.result()).contains(ONE);
    assertThat(keys.now()).contains(ONE);
  }

  @Test
  void keysThatStayTheSameAreTheSameObject() {
    String text = TestKey.set(TestKey.ed25519("one"));
    keys.open();
    requests.remove().complete(JoseKeys.parse(text));
    JoseKeys before = keys.now().orElseThrow();

    keys.others(keys.now());
    requests.remove().complete(JoseKeys.parse(text));

    assertThat(keys.now().orElseThrow()).as("or all tokens were verified again").isSameAs(before);
  }

  @Test
  void theyAreFetchedAgainEveryTenMinutes() {
    known();

    keys.look();
    ticker.turn(FetchedKeys.FRESH.minusMillis(1));
    keys.look();
    int before = asked;
    ticker.turn(Duration.ofMillis(1));
    keys.look();
    keys.look();

    assertThat(before).isEqualTo(1);
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void whileThereAreNoneItIsTriedAgainAfterLongerAndLongerPauses() {
    missing();

    for (int seconds : new int[] {1, 2, 4, 8, 10, 10}) {
      int before = asked;
      ticker.turn(Duration.ofSeconds(seconds).minusMillis(1));
      keys.look();
      assertThat(asked).as("before %s s", seconds).isEqualTo(before);
      ticker.turn(Duration.ofMillis(1));
      keys.look();
      assertThat(asked).as("after %s s", seconds).isEqualTo(before + 1);
      requests.remove().fail("refused");
    }
  }

  @Test
  void whileThereAreNoneNobodyWaitsForThePause() {
    missing();

    Future<Optional<JoseKeys>> early = keys.others(keys.now());
    ticker.turn(Duration.ofSeconds(1));
    Future<Optional<JoseKeys>> later = keys.others(keys.now());
    requests.remove().complete(ONE);

    assertThat(early.result()).isEmpty();
    assertThat(later.result()).contains(ONE);
  }

  @Test
  void afterAFailureTheyAreFetchedAgainSoon() {
    known();
    ticker.turn(FetchedKeys.FRESH);
    keys.look();
    requests.remove().fail("refused");

    ticker.turn(FetchedKeys.PAUSE);
    keys.look();

    assertThat(asked).isEqualTo(3);
  }

  @Test
  void notEverybodyMayWait() {
    keys.open();
    for (int i = 0; i < FetchedKeys.MOST_WAITING; i++) {
      keys.others(keys.now());
    }

    Future<Optional<JoseKeys>> more = keys.others(keys.now());

    assertThat(more.result()).isEmpty();
  }

  @Test
  void whatNobodyUsesIsFetchedNoMore() {
    known();
    keys.close();

    ticker.turn(FetchedKeys.FRESH);
    keys.look();

    assertThat(asked).isEqualTo(1);
  }
}
