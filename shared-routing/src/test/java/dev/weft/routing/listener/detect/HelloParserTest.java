package dev.weft.routing.listener.detect;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes as the JDK begins them. */
final class HelloParserTest {

  private static final int HEADS = 5 + 4; // of a record and of a message

  static byte[] hello(String name) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    if (!name.isEmpty()) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      engine.setSSLParameters(parameters);
    }
    ByteBuffer out = ByteBuffer.allocate(1 << 15);
    engine.wrap(ByteBuffer.allocate(0), out);
    return Arrays.copyOf(out.array(), out.position());
  }

  private static Optional<ClientHello> read(byte[]... pieces) {
    HelloParser parser = new HelloParser();
    ByteBuf all = Unpooled.buffer();
    all.writeBytes(new byte[] {1, 2, 3}).skipBytes(3); // it need not begin at 0
    Optional<ClientHello> told = Optional.empty();
    for (byte[] piece : pieces) {
      assertThat(told).isEmpty();
      all.writeBytes(piece);
      told = parser.read(all);
    }
    return told;
  }

  private static byte[][] single(byte[] bytes) {
    byte[][] all = new byte[bytes.length][];
    for (int i = 0; i < bytes.length; i++) {
      all[i] = new byte[] {bytes[i]};
    }
    return all;
  }

  /** The same message in records of a few bytes. */
  private static byte[] inRecordsOf(int size, byte[] hello) {
    ByteBuf all = Unpooled.buffer();
    for (int at = 5; at < hello.length; at += size) {
      int some = Math.min(size, hello.length - at);
      all.writeByte(22).writeShort(0x0301).writeShort(some).writeBytes(hello, at, some);
    }
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    return bytes;
  }

  @Test
  void theNameIsFoundHoweverTheBytesCome() throws Exception {
    byte[] hello = hello("Db.Example.test");
    Optional<ClientHello> expected = Optional.of(new ClientHello(true, "db.example.test"));

    assertThat(read(hello)).isEqualTo(expected);
    assertThat(read(single(hello))).isEqualTo(expected);
    for (int size : new int[] {1, 3, 64}) {
      assertThat(read(inRecordsOf(size, hello))).isEqualTo(expected);
      assertThat(read(single(inRecordsOf(size, hello)))).isEqualTo(expected);
    }
  }

  @Test
  void aHandshakeWithoutANameIsOneAllTheSame() throws Exception {
    assertThat(read(hello(""))).contains(new ClientHello(true, ""));
    assertThat(read(hello("")).orElseThrow().serverName()).contains("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1", "\u0016G", "\u0016\u0003\u0001\u0000\u0000", "\0"})
  void whatBeginsOtherwiseIsNoneAtOnce(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);

    assertThat(read(bytes)).contains(ClientHello.NONE);
    assertThat(ClientHello.NONE.serverName()).isEmpty();
  }

  @Test
  void whatIsTooLongOrNoHelloIsNone() throws Exception {
    byte[] other = hello("a.test");
    other[5] = 2; // a ServerHello
    byte[] endless = hello("a.test");
    endless[6] = 2; // 128 KiB to come

    assertThat(read(other)).contains(ClientHello.NONE);
    assertThat(read(endless)).contains(ClientHello.NONE);
    assertThat(read(new byte[] {22, 3, 1, 0x7f, 0})).contains(ClientHello.NONE);
  }

  @Test
  void halfAHandshakeIsWaitedFor() throws Exception {
    byte[] hello = hello("a.test");

    assertThat(read(Arrays.copyOf(hello, hello.length - 1))).isEmpty();
  }

  @Test
  void noBytesAtAllMakeItFailOrNameWhatIsNoHost() throws Exception {
    byte[] good = hello("some.name.test");
    Random random = new Random(1);

    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = good.clone();
      for (int j = 0; j <= random.nextInt(4); j++) {
        bytes[5 + random.nextInt(bytes.length - 5)] = (byte) random.nextInt();
      }
      byte[] part = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
      assertThat(read(part).map(ClientHello::name).orElse("")).matches("[a-z0-9._-]{0,253}");
    }
  }

  @Test
  void whatIsOfferedByAlpnIsFoundWholeAndNothingElse() throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2", "acme-tls/1"});
    engine.setSSLParameters(parameters);
    ByteBuffer out = ByteBuffer.allocate(1 << 15);
    engine.wrap(ByteBuffer.allocate(0), out);
    ByteBuf message = Unpooled.wrappedBuffer(out.array(), HEADS, out.position() - HEADS);

    assertThat(HelloParser.offers(message, "acme-tls/1")).isTrue();
    assertThat(HelloParser.offers(message, "h2")).isTrue();
    assertThat(HelloParser.offers(message, "acme-tls/")).isFalse();
    assertThat(HelloParser.offers(message, "http/1.1")).isFalse();
    for (int length = 0; length < message.readableBytes(); length++) {
      HelloParser.offers(message.slice(message.readerIndex(), length), "acme-tls/2"); // no failure
    }
    byte[] without = hello("shop.test");
    assertThat(
            HelloParser.offers(
                Unpooled.wrappedBuffer(without, HEADS, without.length - HEADS), "acme-tls/1"))
        .isFalse();
  }
}
