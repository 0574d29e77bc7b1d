package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeepAliveTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final KeepAlive keepAlive = new KeepAlive();

  @Test
  void whatIsNotKnownIsNeverStale() {
    keepAlive.announced(null);
    keepAlive.announced("max=100");
    keepAlive.announced("timeout=");

    assertThat(keepAlive.known()).isFalse();
    assertThat(keepAlive.stale(3600 * SECOND, 0)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"timeout=5", "timeout=5, max=100", "max=3,timeout=5;"})
  void aFifthBeforeItsEndAConnectionIsLeftAlone(String header) {
    keepAlive.announced(header);

    assertThat(keepAlive.known()).isTrue();
    assertThat(keepAlive.stale(4 * SECOND - 1, 0)).isFalse();
    assertThat(keepAlive.stale(4 * SECOND, 0)).isTrue();
  }

  @Test
  void whatWasSeenCountsAsIfItWasSaidForFiveMinutes() {
    keepAlive.closed(6 * SECOND, 2, 0);
    assertThat(keepAlive.known()).as("once may be a restart").isFalse();
    keepAlive.closed(5 * SECOND, 2, 10 * SECOND);

    assertThat(keepAlive.stale(4 * SECOND - 1, 11 * SECOND)).isFalse();
    assertThat(keepAlive.stale(4 * SECOND, 11 * SECOND)).isTrue();
    assertThat(keepAlive.stale(4 * SECOND, 311 * SECOND)).isFalse();
  }

  @Test
  void theShorterOfBothCounts() {
    keepAlive.closed(10 * SECOND, 2, 0);
    keepAlive.closed(10 * SECOND, 2, 20 * SECOND);
    keepAlive.announced("timeout=5");

    assertThat(keepAlive.stale(4 * SECOND, 20 * SECOND)).isTrue();
  }

  @Test
  void manyAtOnceAreARestart() {
    for (int i = 1; i < 10; i++) {
      keepAlive.closed(SECOND + i, 2, SECOND);
    }

    assertThat(keepAlive.known()).isFalse();
  }

  @Test
  void closesAfterTimesThatDifferAreNoTimeout() {
    keepAlive.closed(SECOND, 2, 0);
    keepAlive.closed(3 * SECOND, 2, 10 * SECOND);
    keepAlive.closed(9 * SECOND, 2, 20 * SECOND);

    assertThat(keepAlive.known()).isFalse();
  }

  @Test
  void aCloseAtOnceIsNoTimeout() {
    keepAlive.closed(Duration.ofMillis(9).toNanos(), 2, 0);
    keepAlive.closed(Duration.ofMillis(9).toNanos(), 2, SECOND);

    assertThat(keepAlive.known()).isFalse();
  }

  @Test
  void whileNothingIsKnownAConnectionIsBeyondDoubtForASecond() {
    assertThat(keepAlive.doubtful(SECOND - 1, 1, 0)).isFalse();
    assertThat(keepAlive.doubtful(SECOND, 1, 0)).isTrue();
    assertThat(keepAlive.heard()).isFalse();
  }

  @Test
  void orForFourFifthsOfWhatAnotherOutlived() {
    keepAlive.outlived(10 * SECOND, 0);
    keepAlive.outlived(3 * SECOND, SECOND);

    assertThat(keepAlive.heard()).isTrue();
    assertThat(keepAlive.doubtful(8 * SECOND - 1, 1, SECOND)).isFalse();
    assertThat(keepAlive.doubtful(8 * SECOND, 1, SECOND)).isTrue();
    assertThat(keepAlive.doubtful(2 * SECOND, 1, 301 * SECOND)).as("long ago").isTrue();
  }

  @Test
  void aServerThatClosesSoonerByNowIsNotTakenForWhatItWas() {
    keepAlive.outlived(60 * SECOND, 0);

    keepAlive.closed(5 * SECOND, 2, SECOND);

    assertThat(keepAlive.doubtful(4 * SECOND - 1, 1, SECOND)).isFalse();
    assertThat(keepAlive.doubtful(4 * SECOND, 1, SECOND)).isTrue();
  }

  @Test
  void whatIsKnownLeavesNoDoubt() {
    keepAlive.announced("timeout=75");

    assertThat(keepAlive.doubtful(50 * SECOND, 1, 0)).isFalse();
  }

  @Test
  void whoClosesRightAfterAnAnswerIsNotWaitedForUntilAConnectionOutlivesASecond() {
    keepAlive.closed(SECOND / 1000, 2, 0);
    assertThat(keepAlive.doubtful(0, 1, 0)).as("a restart closes what is in use").isFalse();

    keepAlive.closed(SECOND / 1000, 1, 0);
    assertThat(keepAlive.doubtful(0, 1, 0)).isTrue();
    assertThat(keepAlive.doubtful(0, 0, 0)).as("a new one").isFalse();
    assertThat(keepAlive.heard()).isTrue();

    keepAlive.outlived(SECOND - 1, SECOND);
    assertThat(keepAlive.doubtful(0, 1, SECOND)).isTrue();
    keepAlive.outlived(SECOND, SECOND);
    assertThat(keepAlive.doubtful(0, 1, SECOND)).isFalse();
  }
}
