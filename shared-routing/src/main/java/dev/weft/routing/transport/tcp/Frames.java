package dev.weft.routing.transport.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What two proxies say inside mTLS where a connection is not HTTP: each piece behind its length, 4
 * bytes in the network's order, and a length of 0 where one side has ended and the other may go on.
 * TLS itself cannot say that with BoringSSL's engine, and an end without it is a connection that
 * broke. Pieces are handed on as they come, so that nothing is held but a part of a length.
 *
 * <p>The end of the other side is told as {@link ChannelInputShutdownEvent}, as a socket's is.
 */
public final class Frames extends ChannelDuplexHandler {

  /** What proxies agree on by ALPN before they speak so. */
  public static final String PROTOCOL = "weft-tcp";

  private static final int LENGTH_BYTES = 4;
  private static final int LONGEST = 1 << 24;

  private @Nullable ChannelHandlerContext context;
  private int length; // as far as it has come
  private int lengthBytes; // of it
  private int left; // of the piece under way
  private boolean ended;

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext here, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      here.fireChannelRead(message);
      return;
    }
    try {
      while (bytes.isReadable()) {
        if (left > 0) {
          int some = Math.min(left, bytes.readableBytes());
          left -= some;
          here.fireChannelRead(bytes.readRetainedSlice(some));
        } else {
          length(here, bytes.readByte());
        }
      }
    } finally {
      bytes.release();
    }
  }

  private void length(ChannelHandlerContext here, byte next) {
    if (ended) {
      throw new CorruptedFrameException("something after the end");
    }
    length = length << Byte.SIZE | (next & 0xff);
    lengthBytes++;
    if (lengthBytes < LENGTH_BYTES) {
      return;
    }
    if (length < 0 || length > LONGEST) {
      throw new CorruptedFrameException("length " + length + " (expected: 0 to " + LONGEST + ")");
    }
    left = length;
    ended = length == 0;
    length = 0;
    lengthBytes = 0;
    if (ended) {
      here.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the promise tells
  public void write(ChannelHandlerContext here, Object message, ChannelPromise promise) {
    if (!(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
      here.write(message, promise);
      return;
    }
    while (bytes.readableBytes() > LONGEST) {
      piece(here, bytes.readRetainedSlice(LONGEST), here.newPromise());
    }
    piece(here, bytes, promise);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the promise tells
  private static void piece(ChannelHandlerContext here, ByteBuf bytes, ChannelPromise promise) {
    ByteBuf head = here.alloc().buffer(LENGTH_BYTES, LENGTH_BYTES);
    head.writeInt(bytes.readableBytes());
    here.write(head).addListener(done -> {}); // fails with what follows it
    here.write(bytes, promise);
  }

  /** A socket that ends before the other side said so broke. */
  @Override
  public void userEventTriggered(ChannelHandlerContext here, Object event) {
    if (!(event instanceof ChannelInputShutdownEvent)) {
      here.fireUserEventTriggered(event);
    } else if (!ended) {
      here.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }
  }

  /** Tells the other side that nothing more comes. */
  public ChannelFuture end() {
    ChannelHandlerContext here = Objects.requireNonNull(context);
    return here.writeAndFlush(here.alloc().buffer(LENGTH_BYTES, LENGTH_BYTES).writeInt(0));
  }
}
