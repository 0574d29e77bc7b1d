package dev.weft.routing.stage.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes of CheckResponses, as their encoding is defined. */
final class CheckResponsesTest {

  private static Answer read(String hex) {
    return CheckResponses.read(Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", ""))));
  }

  @ParameterizedTest
  @CsvSource({
    "'0a 00', OK without more",
    "'0a 02 08 00', code 0 written",
    "'0a 00 1a 00', an empty ok_response",
    "'1a 00 0a 00', in another order",
    "'0a 00 22 02 0a 00', with dynamic_metadata",
    "'0a 04 12 02 6f 6b', a status with a message",
    "'0a 00 9d 06 01 02 03 04 a1 06 01 02 03 04 05 06 07 08', unknown fixed fields",
  })
  void aStatusOfZeroAllows(String hex, String what) {
    assertThat(read(hex)).as(what).isInstanceOf(Answer.Allowed.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'0a 02 08 07', 403",
    "'0a 02 08 07 12 05 0a 03 08 91 03', 401",
    "'0a 02 08 07 12 04 0a 02 08 64', 403", // 100 ends nothing
    "'0a 02 08 07 12 05 0a 03 08 cc 01', 403", // 204 has no body
    "'0a 0b 08 ff ff ff ff ff ff ff ff ff 01', 403", // -1
    "'0a 00 12 00', 403", // both
  })
  void anythingElseDenies(String hex, int status) {
    assertThat(((Answer.Denied) read(hex)).status()).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // no status
        "1a 00",
        "08 00", // the status is no number
        "0a 05 08 00", // ends after the message
        "0a ff ff ff ff 0f",
        "0a ff ff ff ff ff ff ff ff ff ff 01",
        "0a",
        "ff",
        "0a 00 0b 00", // a group
        "0a 00 07 00",
        "00 00", // field 0
        "0a 00 1a 06 12 04 0a 02 0a 00", // a header without a name
        "0a 00 1a 09 12 07 0a 05 0a 01 61 12 01 0a", // cut
        "0a 00 1a 0a 12 08 0a 06 0a 01 61 12 01 0a", // a line feed
        "0a 00 1a 0a 12 08 0a 06 0a 01 61 12 01 ff", // no UTF-8
        "0a 00 1a 0c 12 0a 0a 06 0a 01 61 12 01 62 18 09" // an unknown append_action
      })
  void whatCannotBeReadIsNoAnswer(String hex) {
    assertThatThrownBy(() -> read(hex)).isInstanceOf(UnsoundAnswer.class);
  }

  @Test
  void noBytesWhateverMakeAnythingElseThanAnAnswerOrNone() {
    Random random = new Random(8);
    byte[] good = HexFormat.of().parseHex("0a001a0a12080a060a0161120162");
    int allowed = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = good.clone();
      for (int j = 0; j <= random.nextInt(3); j++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        allowed += CheckResponses.read(Buffer.buffer(bytes)) instanceof Answer.Allowed ? 1 : 0;
      } catch (UnsoundAnswer expected) {
        assertThat(expected).hasMessageNotContaining("null");
      }
    }
    assertThat(allowed).isPositive();
  }

  @Test
  void headersAreSetAppendedAndTakenAway() {
    MultiMap request = HttpHeaders.headers().add("a", "1").add("c", "2");
    MultiMap response = HttpHeaders.headers();

    Answer.Allowed answer =
        (Answer.Allowed)
            read(
                "0a 00 1a 20"
                    + " 12 0c 0a 06 0a 01 61 12 01 62 12 02 08 01" // a: b, append
                    + " 2a 01 63" // remove c
                    + " 32 0d 0a 07 0a 02 64 65 12 01 66 12 02 08 00"); // de: f to the caller
    answer.request().apply(request);
    answer.response().apply(response);

    assertThat(request.getAll("a")).containsExactly("1", "b");
    assertThat(request.contains("c")).isFalse();
    assertThat(response.get("de")).isEqualTo("f");
  }
}
