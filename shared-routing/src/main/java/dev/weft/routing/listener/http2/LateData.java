package dev.weft.routing.listener.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import java.util.function.Consumer;

/**
 * Takes DATA out of what comes whose stream was reset here: its caller had not heard of that yet.
 * Netty, which forgets such a stream, would answer each frame with another RST_STREAM, and end the
 * connection for the number of those. Of a stream {@value #MOST} bytes are taken at most, since no
 * window of a stream is larger; more, or more after its end, is left to Netty.
 *
 * <p>Follows the frames by itself, from after the first reset of a connection on, and holds a
 * frame's head until all of it came. The newest {@value #STREAMS} streams are known, 2 KiB for each
 * connection that has one. A connection's own; its event loop's.
 *
 * <p>Source: RFC 9113 sections 5.1 (closed), 5.4.2 and 6.9.
 */
final class LateData {

  static final int STREAMS = 256;
  static final int MOST = 1 << 20; // bytes of one stream: the largest window of one
  private static final int TYPE_AT = 3;
  private static final int FLAGS_AT = 4;
  private static final int STREAM_AT = 5;

  private final int[] streams = new int[STREAMS]; // each at its own place
  private final int[] left = new int[STREAMS]; // bytes
  private final ByteBuf head =
      Unpooled.wrappedBuffer(new byte[Http2CodecUtil.FRAME_HEADER_LENGTH]).clear();
  private boolean follows;
  private int payload; // bytes of the frame that is read which are still to come
  private boolean late; // that frame is taken out
  private int owed; // bytes of the connection's window

  /** A stream was reset here. */
  void reset(int stream) {
    int place = place(stream);
    if (streams[place] != stream) { // and not by Netty, since more came than this takes
      streams[place] = stream;
      left[place] = MOST;
    }
  }

  private static int place(int stream) {
    return (stream >>> 1) & (STREAMS - 1); // a caller's are odd
  }

  /** Bytes that were taken out since this was asked last, and take room in the window yet. */
  int owed() {
    int now = owed;
    owed = 0;
    return now;
  }

  /**
   * Begins, if it has not yet, where it is known where the next frame does.
   *
   * @param due bytes from what comes next to the next frame; negative within a head
   * @return whether what comes next can be sifted
   */
  boolean follows(int due) {
    if (!follows && due >= 0) {
      follows = true;
      payload = due;
    }
    return follows;
  }

  /** Passes on what is not late of {@code bytes}, in pieces where something is. */
  void sift(ByteBuf bytes, Consumer<ByteBuf> behind) {
    int index = bytes.readerIndex();
    int end = bytes.writerIndex();
    int from = index; // of what goes on and is not passed yet
    while (index < end) {
      if (payload > 0) {
        int came = Math.min(payload, end - index);
        payload -= came;
        if (late) {
          pass(bytes, from, index, behind);
          from = index + came;
        }
        index += came;
        continue;
      }
      boolean held = head.isReadable();
      int came = Math.min(head.writableBytes(), end - index);
      head.writeBytes(bytes, index, came);
      if (head.isWritable()) {
        pass(bytes, from, index, behind);
        from = end;
      } else {
        payload = head.getUnsignedMedium(0);
        late = isLate();
        if (late) {
          pass(bytes, from, index, behind);
          from = index + came;
        } else if (held) {
          behind.accept(head.copy());
          from = index + came;
        }
        head.clear();
      }
      index += came;
    }
    if (from == bytes.readerIndex()) {
      behind.accept(bytes);
    } else {
      pass(bytes, from, end, behind);
      bytes.release();
    }
  }

  private static void pass(ByteBuf bytes, int from, int to, Consumer<ByteBuf> behind) {
    if (from < to) {
      behind.accept(bytes.retainedSlice(from, to - from));
    }
  }

  private boolean isLate() {
    if (head.getByte(TYPE_AT) != Http2FrameTypes.DATA) {
      return false;
    }
    int stream = head.getInt(STREAM_AT) & Integer.MAX_VALUE; // the first bit is reserved
    int place = place(stream);
    boolean known = stream > 0 && streams[place] == stream;
    if (!known || payload > Http2CodecUtil.DEFAULT_MAX_FRAME_SIZE || payload > left[place]) {
      return false;
    }
    left[place] -= payload;
    owed += payload;
    if ((head.getByte(FLAGS_AT) & Http2Flags.END_STREAM) != 0) {
      left[place] = -1; // nothing more may come
    }
    return true;
  }
}
