package dev.weft.routing.listener.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameTypes;
import java.util.concurrent.TimeUnit;

/**
 * How many frames a caller may still send that ask for nothing: SETTINGS, PING, PRIORITY,
 * WINDOW_UPDATE, GOAWAY, RST_STREAM, unknown ones, DATA without a byte. Each costs work here, some
 * an answer, and none is limited by flow control. Who asks for something, or is sent something,
 * earns further ones, and so does time; whoever floods runs out. A connection's own; its event
 * loop's.
 *
 * <p>Source: RFC 9113 section 10.5; CVE-2019-9512, 9513, 9515, 9518.
 */
final class FrameBudget {

  static final int MOST = 2000; // without work
  static final int MOST_EARNED =
      100_000; // all that was sent may be confirmed later, piece by piece
  private static final int FOR_WORK = 10; // two windows, a probe of the bandwidth, and to spare
  private static final int PER_SECOND = 100;
  private static final int LONGEST_ANSWER = Http2CodecUtil.FRAME_HEADER_LENGTH + Long.BYTES; // PING
  private static final int TYPE_AT = 3;

  private int left = MOST;
  private long filled; // when time last earned something, in nanoseconds

  FrameBudget(long nanos) {
    this.filled = nanos;
  }

  /** Something was asked for, or sent. */
  void work() {
    left = Math.min(MOST_EARNED, left + FOR_WORK);
  }

  /**
   * A frame came.
   *
   * @param length of its payload, bytes
   * @return whether it may be taken; where not, {@link #refill} may help
   */
  boolean takes(byte type, int length) {
    if (type == Http2FrameTypes.HEADERS || (type == Http2FrameTypes.DATA && length > 0)) {
      work();
      return true;
    }
    if (type == Http2FrameTypes.CONTINUATION) {
      return true; // of a head, which has its own bounds
    }
    left--;
    return left >= 0;
  }

  /** What time has earned. Returns whether that is enough. */
  boolean refill(long nanos) {
    long earned = (nanos - filled) / (TimeUnit.SECONDS.toNanos(1) / PER_SECOND);
    filled = nanos;
    if (left < MOST) {
      left = (int) Math.min(MOST, left + earned);
    }
    return left >= 0;
  }

  /**
   * Whether what goes out is more than an answer to a frame that asks for nothing: of DATA the head
   * goes by itself, and a piece of a body may be shorter than any such answer.
   */
  static boolean tells(ByteBuf written) {
    int bytes = written.readableBytes();
    return bytes > LONGEST_ANSWER
        || (bytes == Http2CodecUtil.FRAME_HEADER_LENGTH
            && written.getByte(written.readerIndex() + TYPE_AT) == Http2FrameTypes.DATA);
  }
}
