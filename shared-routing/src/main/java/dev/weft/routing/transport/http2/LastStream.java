package dev.weft.routing.transport.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import java.util.function.IntConsumer;

/**
 * Hears of each GOAWAY of an HTTP/2 connection's peer, which is told at most what was told before
 * (RFC 9113 section 6.8), from Netty: Vert.x 5.0.12 tells of the first alone, and of that with a
 * copy of its debug data that nobody gives back.
 */
public final class LastStream extends Http2ConnectionAdapter {

  private final IntConsumer last;

  private LastStream(IntConsumer last) {
    this.last = last;
  }

  /**
   * Tells {@code last} of the last stream that the peer may have processed, on the connection's
   * event loop, whenever it says so from now on.
   *
   * @param handler of the connection
   * @return whether it speaks HTTP/2; otherwise nothing is told
   */
  public static boolean heard(ChannelHandler handler, IntConsumer last) {
    if (!(handler instanceof Http2ConnectionHandler http2)) {
      return false;
    }
    http2.connection().addListener(new LastStream(last));
    return true;
  }

  @Override
  public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
    last.accept(lastStreamId);
  }
}
