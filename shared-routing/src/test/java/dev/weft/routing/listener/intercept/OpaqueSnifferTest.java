package dev.weft.routing.listener.intercept;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OpaqueSnifferTest {

  private final StringBuilder http = new StringBuilder();
  private final StringBuilder opaque = new StringBuilder("-");
  private EmbeddedChannel channel = connected(false);

  private EmbeddedChannel connected(boolean takesTls) {
    return new EmbeddedChannel(
        new OpaqueSniffer(
            new Reading(),
            new OpaqueSniffer.Taken(true, takesTls),
            Duration.ofSeconds(1),
            this::opaque));
  }

  private void opaque(Channel of, ByteBuf first) {
    opaque.setLength(0);
    opaque.append(first.toString(StandardCharsets.ISO_8859_1));
    first.release();
  }

  /** Keeps what it is given. */
  private final class Reading extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      http.append(bytes.toString(StandardCharsets.ISO_8859_1));
      bytes.release();
    }
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void says(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "M-SEARCH * HTTP/1.0\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
      })
  void httpIsHandedOnWhole(String text) {
    says(text);

    assertThat(http).hasToString(text);
    assertThat(opaque).hasToString("-");
  }

  @Test
  void whatBreaksIsClosedAndNotCarriedOnAsIfItHadEnded() {
    says("GE");

    channel.pipeline().fireExceptionCaught(new SocketException("Connection reset"));
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    channel.runPendingTasks();

    assertThat(opaque).hasToString("-");
    assertThat(channel.isOpen()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PING\r\n",
        "GET / HTTP/1\r\n",
        "GET /\r\n",
        " HTTP/1.1\r\n",
        "get / HTTP/1.1\r\n",
        "*1\r\n$4\r\nPING\r\n",
        "\u0016\u0003\u0001",
        "\n"
      })
  void whatIsNoRequestLineIsOpaqueAndHandedOnWhole(String text) {
    says(text);

    assertThat(opaque).hasToString(text);
    assertThat(http).isEmpty();
  }

  @Test
  void bytesMayComeOneAtATime() {
    for (char c : "GET / HTTP/1.1\r".toCharArray()) {
      says(String.valueOf(c));
    }
    assertThat(http).isEmpty();

    says("\n");

    assertThat(http).hasToString("GET / HTTP/1.1\r\n");
  }

  @Test
  void tlsIsOursOnlyWhereWeTakeIt() {
    channel = connected(true);

    says("\u0016\u0003");

    assertThat(http).hasToString("\u0016\u0003");
  }

  @Test
  void httpIsNotSoughtWhereSomethingElseIsKnownToBeSpoken() {
    channel =
        new EmbeddedChannel(
            new OpaqueSniffer(
                new Reading(),
                new OpaqueSniffer.Taken(false, true),
                Duration.ofSeconds(1),
                this::opaque));

    says("GET / HTTP/1.1\r\n");

    assertThat(opaque).hasToString("GET / HTTP/1.1\r\n");
    assertThat(http).isEmpty();
  }

  @Test
  void whoSaysNothingInTimeIsOpaqueAndSoIsWhoStopsAmidALine() {
    channel.advanceTimeBy(1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(opaque).as("server first").isEmpty();

    channel = connected(false);
    says("GET /");
    channel.advanceTimeBy(1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();

    assertThat(opaque).hasToString("GET /");
  }

  @Test
  void whoEndsAmidALineIsOpaque() {
    says("GET /");

    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);

    assertThat(opaque).hasToString("GET /");
  }

  @Test
  void aLineWithoutEndIsNotHeldForEver() {
    says("GET /" + "a".repeat(OpaqueSniffer.LONGEST_LINE));

    assertThat(opaque.length()).isEqualTo(5 + OpaqueSniffer.LONGEST_LINE);
  }
}
