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
 * the other side ends too, or its idle timeout ends all.
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
    end(channel, Long.MAX_VALUE);
  }

  /** As the other; what comes is dropped for five seconds, 64 MiB of it. */
  public static void briefly(Channel channel) {
    end(channel, MOST);
    ScheduledFuture<?> late =
        channel
            .eventLoop()
            .schedule(() -> Closing.now(channel), LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    channel.closeFuture().addListener(closed -> late.cancel(false));
  }

  private static void end(Channel channel, long most) {
    if (!channel.isActive() || !(channel instanceof DuplexChannel duplex)) {
      channel.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
      return;
    }
    if (channel.pipeline().get(Leaving.class) != null) {
      return; // said before
    }
    channel.pipeline().addFirst(new Leaving(most));
    channel.config().setAutoRead(true);
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    ChannelFuture told = tls == null ? channel.newSucceededFuture() : tls.closeOutbound();
    told.addListener(
        sent -> duplex.shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE));
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
