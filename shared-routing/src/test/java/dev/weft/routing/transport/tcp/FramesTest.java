package dev.weft.routing.transport.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FramesTest {

  private final List<Object> events = new ArrayList<>();

  private EmbeddedChannel channel(Frames frames) {
    return new EmbeddedChannel(
        frames,
        new ChannelInboundHandlerAdapter() {
          @Override
          public void userEventTriggered(ChannelHandlerContext context, Object event) {
            events.add(event);
          }
        });
  }

  private static ByteBuf all(EmbeddedChannel channel, boolean outbound) {
    ByteBuf whole = Unpooled.buffer();
    for (ByteBuf next = next(channel, outbound); next != null; next = next(channel, outbound)) {
      whole.writeBytes(next);
      next.release();
    }
    return whole;
  }

  private static ByteBuf next(EmbeddedChannel channel, boolean outbound) {
    return outbound ? channel.readOutbound() : channel.readInbound();
  }

  @Test
  void eachPieceStandsBehindItsLengthAndTheEndIsALengthOfNone() {
    Frames frames = new Frames();
    EmbeddedChannel channel = channel(frames);

    channel.writeOutbound(Unpooled.copiedBuffer("abc", UTF_8));
    assertThat(frames.end().isDone()).isTrue();

    assertThat(ByteBufUtil.hexDump(all(channel, true)))
        .isEqualTo("00000003" + "616263" + "00000000");
  }

  @Test
  void whatOneWritesTheOtherReadsWhereverItIsCut() {
    Random random = new Random(7);
    Frames writing = new Frames();
    EmbeddedChannel writer = channel(writing);
    byte[] data = new byte[10_000];
    random.nextBytes(data);
    for (int at = 0; at < data.length; ) {
      int some = Math.min(1 + random.nextInt(700), data.length - at);
      writer.writeOutbound(Unpooled.copiedBuffer(data, at, some));
      at += some;
    }
    assertThat(writing.end().isDone()).isTrue();
    ByteBuf wire = all(writer, true);
    EmbeddedChannel reader = channel(new Frames());

    while (wire.isReadable()) {
      reader.writeInbound(wire.readBytes(Math.min(1 + random.nextInt(9), wire.readableBytes())));
    }

    assertThat(ByteBufUtil.getBytes(all(reader, false))).isEqualTo(data);
    assertThat(events).containsExactly(ChannelInputShutdownEvent.INSTANCE);
    assertThat(reader.isOpen()).as("it may go on writing").isTrue();
  }

  @Test
  void aSocketThatEndsBeforeItsFramesDoBroke() {
    EmbeddedChannel channel = channel(new Frames());
    channel.writeInbound(Unpooled.copiedBuffer(new byte[] {0, 0, 0, 5, 'a'}));

    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);

    assertThat(channel.isOpen()).isFalse();
    assertThat(events).isEmpty();
  }

  @Test
  void whatNoProxyOfOursWritesIsRefused() {
    byte[] tooLong = {(byte) 0x80, 0, 0, 0};
    byte[] afterEnd = {0, 0, 0, 0, 1};

    for (byte[] bad : List.of(tooLong, afterEnd)) {
      EmbeddedChannel channel = channel(new Frames());
      assertThatThrownBy(() -> channel.writeInbound(Unpooled.copiedBuffer(bad)))
          .isInstanceOf(CorruptedFrameException.class);
    }
  }
}
