package dev.weft.routing.transport.http2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.flush.FlushConsolidationHandler;

/**
 * Sends what many streams of an HTTP/2 connection write together, once its loop has nothing more to
 * do: one system call and one TLS record, where HTTP/2 would have one for each. Stands between TLS
 * and HTTP/2.
 *
 * <p>It also tells HTTP/2 at once that the connection takes no more for now. Netty's {@code
 * SslHandler} has that told later, when it may be over again, and Netty's flow control marks single
 * streams meanwhile as not writable without marking the connection: nobody wakes those when it
 * takes more, and their answers stand still until the peer gives up.
 *
 * <p>Source: Netty 4.2.20, {@code PendingBytesTracker} and {@code
 * DefaultHttp2RemoteFlowController.ListenerWritabilityMonitor}; to be checked at each upgrade.
 */
public final class TogetherWritten extends FlushConsolidationHandler {

  private static final int MOST = 64; // flushes, then they go out whatever there is to do

  public TogetherWritten() {
    super(MOST, true);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    super.write(context, message, promise);
    tellIfFull(context);
  }

  /**
   * Sends nothing now, as the super class would: this is told within a write, which may be that of
   * a frame's head. What is sent completes, and what waited for that writes its own frames, before
   * the rest of this one.
   */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    tellIfFull(context);
    super.channelRead(context, message);
  }

  /** Cheap where it was told before: flow control compares what it knows. */
  private static void tellIfFull(ChannelHandlerContext context) {
    if (!context.channel().isWritable()) {
      context.fireChannelWritabilityChanged();
    }
  }
}
