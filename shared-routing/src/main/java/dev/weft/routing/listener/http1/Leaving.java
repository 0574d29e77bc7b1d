package dev.weft.routing.listener.http1;

import dev.weft.routing.transport.tcp.Closing;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Ends one side of a connection whose other side may go on speaking. Where a socket is closed while
 * there is something to read in it, the kernel resets it and throws away what it has not sent yet,
 * which a slow reader has waiting. So FIN goes out alone, and what comes is read and dropped until
 * the other side ends too, or a timeout ends all.
 */
public final class Leaving extends ChannelInboundHandlerAdapter {

  private static final long MOST = 1 << 26; // bytes
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private long left; // bytes

  private Leaving(long most) {
    left = most;
  }

  /** To be called when all is written. */
  public static void end(Channel channel) {
    begin(channel, Long.MAX_VALUE);
  }

  /**
   * To be called when all is written. For a side that may go on for long: its connection is closed
   * all the same after five seconds, or 64 MiB that were dropped.
   */
  public static void briefly(Channel channel) {
    if (begin(channel, MOST)) {
      ScheduledFuture<?> late =
          channel
              .eventLoop()
              .schedule(() -> Closing.now(channel), LONGEST.toMillis(), TimeUnit.MILLISECONDS);
      channel.closeFuture().addListener(closed -> late.cancel(false));
    }
  }

  /** Returns whether it did: it may have been done before, or there is nothing left to do. */
  private static boolean begin(Channel channel, long most) {
    if (!channel.isActive() || !(channel instanceof DuplexChannel duplex)) {
      channel.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
      return false;
    }
    boolean first = channel.pipeline().get(Leaving.class) == null;
    if (first) {
      channel.pipeline().addFirst(new Leaving(most));
      SslHandler tls = channel.pipeline().get(SslHandler.class);
      ChannelFuture told = tls == null ? channel.newSucceededFuture() : tls.closeOutbound();
      told.addListener(
          sent -> duplex.shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE));
    }
    channel.config().setAutoRead(true); // those who read a body may have paused since
    return first;
  }

  /** Below TLS, which would not take it any more. */
  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    left -= message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    ReferenceCountUtil.release(message);
    if (left < 0) {
      Closing.now(context.channel());
    }
  }
}
