package dev.weft.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class CallDeadlineTest {

  @Test
  void anAnswerThatNeverEndsIsGivenUp() {
    try (CallDeadline deadline = new CallDeadline(Duration.ofMillis(1))) {
      assertThatThrownBy(() -> deadline.call(CallDeadlineTest::neverAnswered))
          .hasCauseInstanceOf(TimeoutException.class)
          .hasMessageContaining("no whole answer within PT0.001S");
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  @Test
  void theSentenceOfItIsThatOfASilentServer() {
    try (CallDeadline deadline = new CallDeadline(Duration.ofMillis(1))) {
      assertThatThrownBy(() -> deadline.call(CallDeadlineTest::neverAnswered))
          .satisfies(
              failure ->
                  assertThat(ApiFailures.sentence("Secret a/b", "https://api", failure))
                      .isEqualTo("Secret a/b: https://api does not answer in time"));
    }
  }

  @Test
  void whatIsAnsweredIsGivenAndWhatFailsFails() {
    try (CallDeadline deadline = new CallDeadline(Duration.ofMinutes(1))) {
      assertThat(deadline.call(() -> "answer")).isEqualTo("answer");
      IllegalArgumentException own = new IllegalArgumentException("refused");
      assertThatThrownBy(
              () ->
                  deadline.call(
                      () -> {
                        throw own;
                      }))
          .isSameAs(own);
    }
  }

  /** As the client waits for the end of an answer. */
  private static String neverAnswered() {
    try {
      new CountDownLatch(1).await();
      return "never";
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }
}
