package dev.weft.routing.transport.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CoalescingBufferQueue;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TogetherWrittenTest {

  private static final int MORE_THAN_IT_TAKES = 70_000; // Netty's high mark is 65,536
  private static final int LITTLE = 100;

  private final List<Boolean> told = new ArrayList<>();
  private final Encrypting below = new Encrypting();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(below, new TogetherWritten(), new Told());

  /** Holds what is written until it is flushed, and has it counted as {@code SslHandler} does. */
  private static final class Encrypting extends ChannelOutboundHandlerAdapter {

    private CoalescingBufferQueue held;
    private int flushes;

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      held = new CoalescingBufferQueue(context.channel(), 4, true);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      held.add((ByteBuf) message, promise);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
      flushes++;
      held.writeAndRemoveAll(context);
      context.flush();
    }
  }

  private final class Told extends ChannelInboundHandlerAdapter {
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      told.add(context.channel().isWritable());
    }
  }

  @AfterEach
  void end() {
    channel.finishAndReleaseAll();
  }

  private void write(int bytes) {
    write(channel, bytes);
  }

  private static void write(EmbeddedChannel to, int bytes) {
    ChannelFuture written = to.pipeline().write(Unpooled.buffer(bytes).writeZero(bytes));
    assertThat(written.cause()).isNull();
  }

  @Test
  void thatNoMoreIsTakenIsToldWithTheWriteThatFillsIt() {
    write(LITTLE);
    assertThat(told).isEmpty();

    write(MORE_THAN_IT_TAKES);

    assertThat(told).containsExactly(false);
  }

  @Test
  void thatMoreIsTakenIsToldAfterwards() {
    write(MORE_THAN_IT_TAKES);

    channel.flush();
    channel.runPendingTasks();

    assertThat(told).startsWith(false).endsWith(true);
  }

  @Test
  void itIsToldEachTime() {
    write(MORE_THAN_IT_TAKES);
    channel.flush();
    channel.runPendingTasks();
    told.clear();

    write(MORE_THAN_IT_TAKES);

    assertThat(told).containsExactly(false);
  }

  @Test
  void whatIsFlushedGoesOutTogetherOnceTheLoopHasNothingElse() {
    write(LITTLE);
    channel.pipeline().flush();
    write(LITTLE);
    channel.pipeline().flush();
    assertThat(below.flushes).isZero();

    channel.runPendingTasks();

    assertThat(below.flushes).isEqualTo(1);
    assertThat(channel.outboundMessages()).hasSize(2);
  }

  @Test
  void nothingGoesOutWithinAWriteThoughItIsTheOneThatFillsTheConnection() {
    EmbeddedChannel plaintext = new EmbeddedChannel(new TogetherWritten());
    plaintext.pipeline().fireChannelRead("a request");
    write(plaintext, LITTLE);
    plaintext.pipeline().flush();

    write(plaintext, MORE_THAN_IT_TAKES);

    assertThat(plaintext.isWritable()).isFalse();
    assertThat(plaintext.outboundMessages()).as("the rest of a frame is due").isEmpty();

    plaintext.pipeline().fireChannelReadComplete();
    assertThat(plaintext.outboundMessages()).hasSize(2);
    assertThat(plaintext.finishAndReleaseAll()).isTrue();
  }
}
