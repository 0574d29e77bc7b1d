package dev.weft.routing.listener.detect;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HelloReaderTest {

  private final List<String> told = new ArrayList<>();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new HelloReader(Duration.ofHours(1), new Told()));

  private final class Told implements HelloReader.Told {
    @Override
    public Optional<ChannelHandler> goesOn(ClientHello hello) {
      return hello.name().equals("here.test") ? Optional.of(new Next()) : Optional.empty();
    }

    @Override
    public BiConsumer<Channel, ByteBuf> has(ClientHello hello) {
      return (client, first) -> {
        told.add(hello.serverName() + " " + first.readableBytes());
        first.release();
      };
    }
  }

  private final class Next extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      told.add("on " + ((ByteBuf) message).readableBytes());
      ((ByteBuf) message).release();
    }
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void theConnectionIsHandedOverWithAllThatWasRead() throws Exception {
    byte[] hello = HelloParserTest.hello("a.test");

    channel.writeInbound(Unpooled.copiedBuffer(hello, 0, 100));
    assertThat(told).isEmpty();
    channel.writeInbound(Unpooled.copiedBuffer(hello, 100, hello.length - 100));

    assertThat(told).containsExactly("Optional[a.test] " + hello.length);
    assertThat(channel.config().isAutoRead()).isFalse();
  }

  @Test
  void orAnotherHandlerGoesOnWithIt() throws Exception {
    byte[] hello = HelloParserTest.hello("here.test");

    channel.writeInbound(Unpooled.copiedBuffer(hello));
    channel.writeInbound(Unpooled.copiedBuffer(new byte[7]));

    assertThat(told).containsExactly("on " + hello.length, "on 7");
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void whatDoesNotComeInTimeIsNotWaitedFor() {
    channel.writeInbound(Unpooled.copiedBuffer(new byte[] {22, 3}));
    channel.advanceTimeBy(50, TimeUnit.MINUTES);
    channel.runScheduledPendingTasks();
    assertThat(told).isEmpty();

    channel.advanceTimeBy(10, TimeUnit.MINUTES);
    channel.runScheduledPendingTasks();

    assertThat(told).containsExactly("Optional.empty 2");
  }

  @Test
  void noMoreComesAfterTheEnd() {
    channel.writeInbound(Unpooled.copiedBuffer(new byte[] {22, 3}));

    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);

    assertThat(told).containsExactly("Optional.empty 2");
  }
}
