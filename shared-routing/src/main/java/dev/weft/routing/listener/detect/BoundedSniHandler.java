package dev.weft.routing.listener.detect;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AsyncMapping;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * As Netty's, which bounds the message but not the records that it comes in: those are held beside
 * it, and may be as small as a byte or announce 64 KiB. Here both together are 64 KiB at most. What
 * is longer fails as a hello that is none does.
 */
public class BoundedSniHandler extends SniHandler {

  /** Bytes of records, which are held in up to 32 KiB, and of the message, which is copied. */
  static final int LARGEST = HelloParser.LARGEST;

  private int came;
  private boolean broken;

  /**
   * @param contexts by the name that is asked for
   * @param patienceMillis for the whole of a hello
   */
  public BoundedSniHandler(AsyncMapping<String, SslContext> contexts, long patienceMillis) {
    super(contexts, LARGEST, patienceMillis);
  }

  /** Whether what came is no hello at all; then no name was asked for. */
  public final boolean broken() {
    return broken;
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext context, @Nullable ByteBuf hello)
      throws Exception {
    broken = hello == null;
    return super.lookup(context, hello);
  }

  @Override
  public final void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    int before = came;
    came += message instanceof ByteBuf bytes ? Math.min(bytes.readableBytes(), LARGEST + 1) : 0;
    if (came <= LARGEST) {
      super.channelRead(context, message);
      return;
    }
    came = LARGEST + 1;
    ReferenceCountUtil.release(message);
    if (before <= LARGEST) {
      String told = "a ClientHello of more than " + LARGEST + " bytes";
      context.fireUserEventTriggered(new SniCompletionEvent(new TooLongFrameException(told)));
      context.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }
  }
}
