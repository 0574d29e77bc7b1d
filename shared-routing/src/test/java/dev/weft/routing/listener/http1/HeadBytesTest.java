package dev.weft.routing.listener.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeadBytesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "G",
        "\r\n",
        "\r",
        "\r\n\r\nGET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n\r\n b", // which is a body
        "GET / HTTP/1.1\r\nA: b\r\n\r\nb\r\n c",
        "GET / HTTP/1.1\r\nA: b\r\n"
      })
  void takesWhatAllServersReadInOneWay(String bytes) {
    assertThat(HeadBytes.fault(buffer(bytes), false)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " GET / HTTP/1.1\r\n",
        "\tGET",
        "\0GET",
        "\r\n GET",
        "\r\n\0",
        "\r\n\r\n\177GET",
        "\351GET"
      })
  void refusesWhatStandsBeforeARequest(String bytes) {
    assertThat(HeadBytes.fault(buffer(bytes), false)).contains("something stands before it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n A: b\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n \r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\n c"
      })
  void refusesAFoldedLine(String bytes) {
    assertThat(HeadBytes.fault(buffer(bytes), false)).contains("a line of its head is folded");
  }

  @ParameterizedTest
  @ValueSource(strings = {" A: b\r\n", "\tA", "A: b\r\n c"})
  void refusesAFoldedLineThatComesByItself(String bytes) {
    assertThat(HeadBytes.fault(buffer(bytes), true)).contains("a line of its head is folded");
  }

  private static ByteBuf buffer(String bytes) {
    return Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1);
  }
}
