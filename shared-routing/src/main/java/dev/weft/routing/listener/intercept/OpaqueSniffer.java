package dev.weft.routing.listener.intercept;

import dev.weft.routing.listener.detect.HeldBytes;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * Tells HTTP from what is not by the first line of a connection, and hands it on with all that was
 * read: {@code METHOD target HTTP/1.1}, or the preface of HTTP/2. What begins otherwise, goes on
 * for longer than a request line may, ends, or says nothing in time is opaque. Holds at most one
 * read more than {@link #LONGEST_LINE}.
 */
public final class OpaqueSniffer extends HeldBytes {

  static final int LONGEST_LINE = 1 << 14;
  private static final int HANDSHAKE_RECORD = 22; // RFC 8446 section 5.1
  private static final byte[] VERSION = " HTTP/".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGITS = 3; // of 1.1

  private final ChannelHandler http;
  private final Taken taken;
  private final BiConsumer<Channel, ByteBuf> opaque;

  /**
   * @param http takes this handler's place where HTTP is spoken, or TLS of ours
   * @param taken what of it is ours; opaque otherwise
   * @param opaque is given the connection, not read any further, and what was read, which it owns
   */
  public OpaqueSniffer(
      ChannelHandler http, Taken taken, Duration patience, BiConsumer<Channel, ByteBuf> opaque) {
    super(patience);
    this.http = http;
    this.taken = taken;
    this.opaque = opaque;
  }

  /** What is handed on as ours. */
  public record Taken(boolean http, boolean tls) {}

  /** What a line begins like. */
  enum Line {
    HTTP,
    OTHER,
    UNFINISHED
  }

  @Override
  protected void look(ChannelHandlerContext context, ByteBuf all) {
    if (taken.tls && handshake(all)) {
      goOn(context, http);
      return;
    }
    switch (taken.http ? line(all) : Line.OTHER) {
      case HTTP -> goOn(context, http);
      case OTHER -> handOver(context, opaque);
      case UNFINISHED -> {} // until its deadline
    }
  }

  @Override
  protected void late(ChannelHandlerContext context) {
    handOver(context, opaque);
  }

  /** Whether it begins like TLS. */
  public static boolean handshake(ByteBuf bytes) {
    return bytes.isReadable() && bytes.getUnsignedByte(bytes.readerIndex()) == HANDSHAKE_RECORD;
  }

  /** Looks at the bytes without moving. */
  static Line line(ByteBuf bytes) {
    int end = bytes.indexOf(bytes.readerIndex(), bytes.writerIndex(), (byte) '\n');
    int length = (end < 0 ? bytes.writerIndex() : end) - bytes.readerIndex();
    if (length > LONGEST_LINE || !method(bytes, length)) {
      return Line.OTHER;
    }
    if (end < 0) {
      return Line.UNFINISHED;
    }
    int last = end > bytes.readerIndex() && bytes.getByte(end - 1) == '\r' ? end - 1 : end;
    int version = last - DIGITS - VERSION.length;
    boolean http = version > bytes.readerIndex();
    for (int i = 0; http && i < VERSION.length; i++) {
      http = bytes.getByte(version + i) == VERSION[i];
    }
    return http ? Line.HTTP : Line.OTHER;
  }

  /** Whether it begins like a method: capital letters, or "-", and then a space. */
  private static boolean method(ByteBuf bytes, int length) {
    for (int i = 0; i < length; i++) {
      byte c = bytes.getByte(bytes.readerIndex() + i);
      if (c == ' ') {
        return i > 0;
      }
      if ((c < 'A' || c > 'Z') && c != '-') {
        return false;
      }
    }
    return true;
  }
}
