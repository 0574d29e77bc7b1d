package dev.weft.routing.listener.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameTypes;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HeaderBlocksTest {

  private static final byte END_HEADERS = 4;
  private static final byte NO_FLAGS = 0;
  private static final byte[] GO_AWAY = {
    0, 0, 8, 7, 0, 0, 0, 0, 0, 127, -1, -1, -1, 0, 0, 0, 11 // ENHANCE_YOUR_CALM
  };

  private final List<SocketAddress> slow = new ArrayList<>();
  private final List<SocketAddress> other = new ArrayList<>();
  private final List<SocketAddress> floods = new ArrayList<>();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new HeaderBlocks(Duration.ofSeconds(10), slow::add, other::add, floods::add));

  @BeforeEach
  void preface() {
    channel.freezeTime();
    comes(Http2CodecUtil.connectionPrefaceBuf());
    comes(frame(Http2FrameTypes.SETTINGS, NO_FLAGS, 0));
  }

  @AfterEach
  void end() {
    channel.finishAndReleaseAll();
  }

  @Test
  void aBlockThatDoesNotEndIsCutAtItsTime() {
    comes(frame(Http2FrameTypes.HEADERS, NO_FLAGS, 20));

    passes(Duration.ofMillis(9999));
    assertThat(channel.isOpen()).isTrue();
    passes(Duration.ofMillis(1));

    assertThat(channel.isOpen()).isFalse();
    assertThat(slow).hasSize(1);
    ByteBuf told = channel.readOutbound();
    assertThat(told).isEqualTo(Unpooled.wrappedBuffer(GO_AWAY));
    told.release();
  }

  @Test
  void aFloodEndsTheConnectionAndIsCountedOnce() {
    for (int i = 0; i < 2 * FrameBudget.MOST && channel.isOpen(); i++) {
      channel.writeInbound(frame(Http2FrameTypes.PING, NO_FLAGS, 8));
    }

    assertThat(channel.isOpen()).isFalse();
    assertThat(floods).hasSize(1);
    ByteBuf told = channel.readOutbound();
    assertThat(told).isEqualTo(Unpooled.wrappedBuffer(GO_AWAY));
    told.release();
  }

  @Test
  void whatThoseBehindEndIsCountedOnceAndTakenNoMore() {
    HeaderBlocks blocks = channel.pipeline().get(HeaderBlocks.class);

    assertThat(blocks.over()).isTrue();
    assertThat(blocks.over()).isFalse();

    assertThat(channel.writeInbound(frame(Http2FrameTypes.PING, NO_FLAGS, 8))).isFalse();
  }

  @Test
  void whoEndsItAmongManyFramesIsNotGivenTheRest() {
    ByteBuf many = Unpooled.buffer();
    for (int i = 0; i < 1000; i++) {
      ByteBuf one = frame(Http2FrameTypes.HEADERS, END_HEADERS, 20);
      many.writeBytes(one);
      one.release();
    }
    int came = many.readableBytes();
    AtomicInteger taken = new AtomicInteger();
    channel
        .pipeline()
        .addLast(
            new SimpleChannelInboundHandler<ByteBuf>() {
              @Override
              protected void channelRead0(ChannelHandlerContext context, ByteBuf piece) {
                taken.addAndGet(piece.readableBytes());
                if (taken.get() > came / 2) {
                  channel.pipeline().get(HeaderBlocks.class).over();
                }
              }
            });

    channel.writeInbound(many);

    assertThat(taken.get()).isBetween(came / 2, came * 3 / 4);
    assertThat(many.refCnt()).isZero();
  }

  @Test
  void whatIsSentIsNeverTakenForTheEnd() {
    channel.writeOutbound(Unpooled.wrappedBuffer(GO_AWAY)); // as a piece of a body may be
    channel.<ByteBuf>readOutbound().release();

    comes(frame(Http2FrameTypes.PING, NO_FLAGS, 8));

    assertThat(floods).isEmpty();
  }

  @Test
  void aPrefaceThatDoesNotEndIsCutAtItsTime() {
    EmbeddedChannel slowly =
        new EmbeddedChannel(
            new HeaderBlocks(Duration.ofSeconds(10), slow::add, other::add, floods::add));
    slowly.freezeTime();
    ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
    for (int second = 0; second < 10; second++) {
      assertThat(slowly.isOpen()).isTrue();
      slowly.writeInbound(preface.readRetainedSlice(1));
      slowly.advanceTimeBy(1, TimeUnit.SECONDS);
      slowly.runScheduledPendingTasks();
    }

    assertThat(slowly.isOpen()).isFalse();
    assertThat(slow).hasSize(1);
    slowly.finishAndReleaseAll();
  }

  @Test
  void aPrefaceWithoutItsSettingsIsCutAtItsTime() {
    for (int came : new int[] {0, 5, 9, 14}) {
      EmbeddedChannel silent =
          new EmbeddedChannel(
              new HeaderBlocks(Duration.ofSeconds(10), slow::add, other::add, floods::add));
      silent.freezeTime();
      ByteBuf settings = frame(Http2FrameTypes.SETTINGS, NO_FLAGS, 6);
      silent.writeInbound(Http2CodecUtil.connectionPrefaceBuf(), settings.readRetainedSlice(came));
      silent.advanceTimeBy(9999, TimeUnit.MILLISECONDS);
      silent.runScheduledPendingTasks();
      assertThat(silent.isOpen()).as("%d bytes of them", came).isTrue();

      silent.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      silent.runScheduledPendingTasks();

      assertThat(silent.isOpen()).as("%d bytes of them", came).isFalse();
      silent.finishAndReleaseAll();
      settings.release();
    }
    assertThat(slow).hasSize(4);
  }

  @Test
  void whatIsNoPrefaceIsToldAndLeftToWhoIsBehind() {
    EmbeddedChannel wrong =
        new EmbeddedChannel(
            new HeaderBlocks(Duration.ofSeconds(10), slow::add, other::add, floods::add));
    wrong.writeInbound(Unpooled.copiedBuffer("PRI * HT", StandardCharsets.US_ASCII));
    assertThat(other).isEmpty();

    wrong.writeInbound(Unpooled.copiedBuffer("TP/3.0", StandardCharsets.US_ASCII));

    assertThat(other).hasSize(1);
    assertThat(wrong.pipeline().get(HeaderBlocks.class)).isNull();
    assertThat(wrong.inboundMessages()).hasSize(2);
    wrong.finishAndReleaseAll();
  }

  @Test
  void anotherFrameThanSettingsAtFirstIsTold() {
    EmbeddedChannel wrong =
        new EmbeddedChannel(
            new HeaderBlocks(Duration.ofSeconds(10), slow::add, other::add, floods::add));

    wrong.writeInbound(
        Http2CodecUtil.connectionPrefaceBuf(), frame(Http2FrameTypes.PING, NO_FLAGS, 8));

    assertThat(other).hasSize(1);
    assertThat(wrong.pipeline().get(HeaderBlocks.class)).isNull();
    assertThat(wrong.inboundMessages()).as("left to who is behind").hasSize(2);
    wrong.finishAndReleaseAll();
  }

  @Test
  void continuationsDoNotProlongIt() {
    comes(frame(Http2FrameTypes.HEADERS, NO_FLAGS, 20));
    for (int second = 0; second < 9; second++) {
      passes(Duration.ofSeconds(1));
      comes(frame(Http2FrameTypes.CONTINUATION, NO_FLAGS, 1));
    }
    assertThat(channel.isOpen()).isTrue();

    passes(Duration.ofSeconds(1));

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void whatEndsInTimeIsLeftAlone() {
    comes(frame(Http2FrameTypes.HEADERS, NO_FLAGS, 20));
    passes(Duration.ofSeconds(9));
    comes(frame(Http2FrameTypes.CONTINUATION, END_HEADERS, 5));
    comes(frame(Http2FrameTypes.HEADERS, END_HEADERS, 20));
    comes(frame(Http2FrameTypes.DATA, NO_FLAGS, 20));
    comes(frame(Http2FrameTypes.SETTINGS, NO_FLAGS, 0));

    passes(Duration.ofMinutes(5));

    assertThat(channel.isOpen()).isTrue();
    assertThat(slow).isEmpty();
  }

  @Test
  void howItIsCutIntoReadsDoesNotMatter() {
    ByteBuf all =
        Unpooled.wrappedBuffer(
            frame(Http2FrameTypes.DATA, NO_FLAGS, 70_000), // looks like nothing else
            frame(Http2FrameTypes.HEADERS, END_HEADERS, 300),
            frame(Http2FrameTypes.PING, NO_FLAGS, 8),
            frame(Http2FrameTypes.HEADERS, NO_FLAGS, 300));
    int unfinished = all.readableBytes() - 305; // from its flags on
    for (int i = 0; i < unfinished; i++) {
      comes(all.readRetainedSlice(1));
    }
    passes(Duration.ofMinutes(5));
    assertThat(channel.isOpen()).isTrue();

    comes(all);
    passes(Duration.ofSeconds(10));

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aConnectionThatIsHeldUpHereIsGivenItsTimeAgain() {
    comes(frame(Http2FrameTypes.HEADERS, NO_FLAGS, 20));
    channel.config().setAutoRead(false);

    passes(Duration.ofSeconds(10));
    channel.config().setAutoRead(true);
    assertThat(channel.isOpen()).isTrue();
    passes(Duration.ofSeconds(10));

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void whatWasOnItsWayToAStreamThatWasResetIsTakenOutAndItsRoomGivenBack() {
    sent(reset(1));

    channel.writeInbound(frame(Http2FrameTypes.DATA, NO_FLAGS, 100));

    assertThat(channel.<ByteBuf>readInbound()).isNull();
    ByteBuf told = channel.readOutbound();
    assertThat(told)
        .isEqualTo(
            Unpooled.wrappedBuffer(
                new byte[] {0, 0, 4, 8, 0, 0, 0, 0, 0}, new byte[] {0, 0, 0, 100}));
    told.release();
    comes(frame(Http2FrameTypes.HEADERS, END_HEADERS, 20));
    assertThat(channel.<ByteBuf>readOutbound()).isNull();
  }

  @Test
  void aBodyThatLooksLikeAResetIsNone() {
    sent(
        Unpooled.buffer().writeMedium(26).writeByte(Http2FrameTypes.DATA).writeByte(0).writeInt(1));
    sent(reset(1));
    sent(reset(1));

    comes(frame(Http2FrameTypes.DATA, NO_FLAGS, 100));

    sent(reset(1));
    channel.writeInbound(frame(Http2FrameTypes.DATA, NO_FLAGS, 100));
    assertThat(channel.<ByteBuf>readInbound()).isNull();
  }

  private void sent(ByteBuf bytes) {
    channel.writeOutbound(bytes);
    channel.<ByteBuf>readOutbound().release();
  }

  private static ByteBuf reset(int stream) {
    return Unpooled.buffer()
        .writeMedium(Integer.BYTES)
        .writeByte(Http2FrameTypes.RST_STREAM)
        .writeByte(0)
        .writeInt(stream)
        .writeInt(0);
  }

  private void passes(Duration time) {
    channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
  }

  private void comes(ByteBuf bytes) {
    int index = bytes.readerIndex();
    channel.writeInbound(bytes);
    ByteBuf passed = channel.readInbound();
    assertThat(passed).isSameAs(bytes);
    assertThat(passed.readerIndex()).as("goes on untouched").isEqualTo(index);
    passed.release();
  }

  private static ByteBuf frame(byte type, byte flags, int length) {
    return Unpooled.buffer()
        .writeMedium(length)
        .writeByte(type)
        .writeByte(flags)
        .writeInt(1)
        .writeBytes(new byte[length]);
  }
}
