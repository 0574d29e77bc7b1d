package dev.weft.routing.listener.detect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a connection begins with until it is known what becomes of it, and hands all of it on.
 * How much that may be at most is its kind's business. What comes in small pieces is copied
 * together, so that what is held is at most about twice as much as what came.
 */
public abstract class HeldBytes extends ChannelInboundHandlerAdapter {

  private final Duration patience;
  private @Nullable ScheduledFuture<?> deadline;
  private @Nullable ByteBuf held;

  /**
   * @param patience after which it is {@link #late}
   */
  protected HeldBytes(Duration patience) {
    this.patience = patience;
  }

  /** Looks at all that has come, without moving; hands it on where that is enough. */
  protected abstract void look(ChannelHandlerContext context, ByteBuf all);

  /** Nothing more comes, or not in time. */
  protected abstract void late(ChannelHandlerContext context);

  @Override
  public final void handlerAdded(ChannelHandlerContext context) {
    context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    held = Unpooled.EMPTY_BUFFER;
    deadline =
        context
            .executor()
            .schedule(() -> late(context), patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public final void handlerRemoved(ChannelHandlerContext context) {
    if (deadline != null) {
      deadline.cancel(false);
    }
    ByteBuf left = taken();
    if (left != null) {
      left.release();
    }
  }

  @Override
  public final void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf before = held;
    if (!(message instanceof ByteBuf bytes) || before == null) {
      ReferenceCountUtil.release(message);
      return;
    }
    ByteBuf all = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), before, bytes);
    held = all;
    if (all.isReadable()) {
      look(context, all);
    }
  }

  @Override
  public final void channelReadComplete(ChannelHandlerContext context) {
    // nobody behind was told of a read
  }

  @Override
  public final void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      late(context);
      context.pipeline().fireUserEventTriggered(event); // to who has it now
    } else {
      context.fireUserEventTriggered(event);
    }
  }

  /** What broke is over: it did not end, which somebody might go on with. */
  @Override
  public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    ByteBuf all = taken();
    if (all != null) {
      all.release();
    }
    context.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
  }

  private @Nullable ByteBuf taken() {
    ByteBuf all = held;
    held = null;
    return all;
  }

  /** Another handler goes on in this one's place. */
  protected final void goOn(ChannelHandlerContext context, ChannelHandler next) {
    ByteBuf all = taken();
    if (all != null) {
      context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
      context.pipeline().addAfter(context.name(), null, next);
      context.fireChannelRead(all);
      context.fireChannelReadComplete();
      context.pipeline().remove(this);
    }
  }

  /**
   * Somebody else has the connection from here on.
   *
   * @param other is given it, not read any further, and what was read, which it owns
   */
  protected final void handOver(ChannelHandlerContext context, BiConsumer<Channel, ByteBuf> other) {
    ByteBuf all = taken();
    if (all != null) {
      context.channel().config().setAutoRead(false);
      other.accept(context.channel(), all);
      context.pipeline().remove(this);
    }
  }
}
