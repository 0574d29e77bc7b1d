package dev.weft.routing.transport.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;

/** How a connection is ended whose other side may not read. */
public final class Closing {

  private Closing() {}

  /**
   * Ends a connection at once, and drops what was not sent. Vert.x closes one of HTTP/1 when all
   * was sent, which waits for ever for a side that does not read.
   */
  public static void now(Channel channel) {
    ChannelHandlerContext first = channel.pipeline().firstContext();
    ChannelFuture closed = first == null ? channel.close() : first.close();
    closed.addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
  }
}
