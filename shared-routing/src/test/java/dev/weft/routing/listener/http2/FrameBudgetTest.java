package dev.weft.routing.listener.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2FrameTypes;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class FrameBudgetTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final FrameBudget budget = new FrameBudget(0);

  @Test
  void framesThatAskForNothingRunOut() {
    assertThat(taken(Http2FrameTypes.PING, 10_000)).isEqualTo(FrameBudget.MOST);
    assertThat(budget.refill(0)).isFalse();
  }

  @Test
  void timeEarnsAHundredASecond() {
    taken(Http2FrameTypes.PING, FrameBudget.MOST + 1);

    assertThat(budget.refill(SECOND)).isTrue();

    assertThat(taken(Http2FrameTypes.SETTINGS, 1000)).isEqualTo(99); // one was overdrawn
  }

  @Test
  void noTimeEarnsMoreThanTheBudget() {
    assertThat(budget.refill(1_000_000 * SECOND)).isTrue();

    assertThat(taken(Http2FrameTypes.WINDOW_UPDATE, 10_000)).isEqualTo(FrameBudget.MOST);
  }

  @Test
  void requestsAndAnswersEarn() {
    taken(Http2FrameTypes.PING, FrameBudget.MOST);

    assertThat(budget.takes(Http2FrameTypes.HEADERS, 20)).isTrue();
    assertThat(taken(Http2FrameTypes.PING, 100)).isEqualTo(10);
  }

  @Test
  void whatWasEarnedStaysForLater() {
    for (int i = 0; i < 1_000_000; i++) {
      budget.work();
    }
    budget.refill(SECOND);

    assertThat(taken(Http2FrameTypes.WINDOW_UPDATE, 1_000_000)).isEqualTo(FrameBudget.MOST_EARNED);
  }

  @Test
  void dataWithoutAByteAsksForNothing() {
    assertThat(taken(Http2FrameTypes.DATA, 10_000)).isEqualTo(FrameBudget.MOST);
    for (int i = 0; i < 100; i++) {
      assertThat(new FrameBudget(0).takes(Http2FrameTypes.DATA, 1)).isTrue();
    }
  }

  @Test
  void onlyMoreThanAnAnswerToSuchAFrameIsWork() {
    assertThat(tells(Http2FrameTypes.SETTINGS, 0)).isFalse();
    assertThat(tells(Http2FrameTypes.PING, 8)).isFalse();
    assertThat(tells(Http2FrameTypes.RST_STREAM, 4)).isFalse();
    assertThat(tells(Http2FrameTypes.HEADERS, 9)).isTrue();
    assertThat(tells(Http2FrameTypes.DATA, 0)).as("the head of a piece of a body").isTrue();
  }

  private static boolean tells(byte type, int length) {
    ByteBuf frame = Unpooled.buffer().writeMedium(length).writeByte(type).writeZero(5 + length);
    return FrameBudget.tells(frame);
  }

  /** How many are taken in a row. */
  private int taken(byte type, int tries) {
    for (int i = 0; i < tries; i++) {
      if (!budget.takes(type, 0)) {
        return i;
      }
    }
    return tries;
  }
}
