package dev.weft.routing.listener.detect;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/** Whatever begins a connection is no handshake, or one whose name is a host's. */
final class HelloFuzzTest {

  @FuzzTest(maxDuration = "10m")
  void theNameIsAHostsHoweverTheBytesCome(byte[] bytes) {
    Optional<ClientHello> whole = new HelloParser().read(Unpooled.wrappedBuffer(bytes));
    assertThat(byteByByte(bytes)).isEqualTo(whole);
    whole.ifPresent(hello -> assertThat(hello.name()).matches("[a-z0-9._-]{0,253}"));
    HelloParser.offers(Unpooled.wrappedBuffer(bytes), "h2");
  }

  private static Optional<ClientHello> byteByByte(byte[] bytes) {
    HelloParser parser = new HelloParser();
    ByteBuf all = Unpooled.buffer();
    Optional<ClientHello> told = parser.read(all);
    for (int i = 0; i < bytes.length && told.isEmpty(); i++) {
      told = parser.read(all.writeByte(bytes[i]));
    }
    return told;
  }
}
