package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.LocalResponse;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PausesTest {

  @Test
  void tooManyRequestsAskForFiveSecondsOrWhatTheySay() {
    assertThat(pause(429)).isEqualTo(Duration.ofSeconds(5));
    assertThat(pause(429, "retry-after", "12")).isEqualTo(Duration.ofSeconds(12));
    assertThat(pause(429, "retry-after", "9999")).isEqualTo(Duration.ofMinutes(5));
    assertThat(pause(429, "retry-after", "99999999999999999999")).isEqualTo(Duration.ofMinutes(5));
    assertThat(pause(429, "retry-after", "0")).isZero();
    assertThat(pause(429, "retry-after", "-1")).isEqualTo(Duration.ofSeconds(5));
    assertThat(pause(429, "retry-after", "")).isEqualTo(Duration.ofSeconds(5));
    assertThat(pause(429, "retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"))
        .isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void soDoesAnExhaustedGrpcServer() {
    assertThat(pause(200, "grpc-status", "8")).isEqualTo(Duration.ofSeconds(5));
    assertThat(pause(200, "grpc-status", "0")).isZero();
  }

  @Test
  void otherAnswersDoNot() {
    assertThat(pause(200)).isZero();
    assertThat(pause(503, "retry-after", "12")).isZero();
  }

  private static Duration pause(int status, String... header) {
    LocalResponse answer = new LocalResponse(status, Buffer.buffer());
    if (header.length > 0) {
      answer.headers().set(header[0], header[1]);
    }
    return Pauses.of(answer);
  }
}
