package dev.weft.routing.listener.http1;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Has a connection that somebody closes end with its answer, where its caller still sends the
 * request of it. For those that Vert.x closes by itself, since their caller said that this request
 * is the last.
 */
public final class Lingering extends ChannelOutboundHandlerAdapter {

  private final RequestDecoder requests;

  /**
   * @param requests reads those of the connection
   */
  public Lingering(RequestDecoder requests) {
    this.requests = requests;
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) throws Exception {
    if (requests.amidRequest()) {
      context.channel().closeFuture().addListener(closed -> promise.trySuccess());
      Leaving.briefly(context.channel());
    } else {
      super.close(context, promise);
    }
  }
}
