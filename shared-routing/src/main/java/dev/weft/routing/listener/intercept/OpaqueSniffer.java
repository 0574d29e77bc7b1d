package dev.weft.routing.listener.intercept;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells HTTP from what is not by the first line of a connection, and hands it on with all that was
 * read: {@code METHOD target HTTP/1.1}, or the preface of HTTP/2. What begins otherwise, goes on
 * for longer than a request line may, ends, or says nothing in time is opaque. Holds at most one
 * read more than {@link #LONGEST_LINE}.
 */
public final class OpaqueSniffer extends ChannelInboundHandlerAdapter {

  static final int LONGEST_LINE = 1 << 14;
  private static final int HANDSHAKE_RECORD = 22; // RFC 8446 section 5.1
  private static final byte[] VERSION = " HTTP/".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGITS = 3; // of 1.1

  private final ChannelHandler http;
  private final Taken taken;
  private final Duration patience;
  private final BiConsumer<Channel, ByteBuf> opaque;
  private @Nullable ScheduledFuture<?> deadline;
  private @Nullable CompositeByteBuf held;

  /**
   * @param http takes this handler's place where HTTP is spoken, or TLS of ours
   * @param taken what of it is ours; opaque otherwise
   * @param opaque is given the connection, not read any further, and what was read, which it owns
   */
  public OpaqueSniffer(
      ChannelHandler http, Taken taken, Duration patience, BiConsumer<Channel, ByteBuf> opaque) {
    this.http = http;
    this.taken = taken;
    this.patience = patience;
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
  public void handlerAdded(ChannelHandlerContext context) {
    context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    held = context.alloc().compositeBuffer(Integer.MAX_VALUE);
    deadline =
        context
            .executor()
            .schedule(() -> opaque(context), patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (deadline != null) {
      deadline.cancel(false);
    }
    CompositeByteBuf left = held;
    held = null;
    if (left != null) {
      left.release();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    CompositeByteBuf all = held;
    if (!(message instanceof ByteBuf bytes) || all == null) {
      ReferenceCountUtil.release(message);
      return;
    }
    all.addComponent(true, bytes);
    if (!all.isReadable()) {
      return;
    }
    if (taken.tls && all.getUnsignedByte(0) == HANDSHAKE_RECORD) {
      http(context);
      return;
    }
    switch (taken.http ? line(all) : Line.OTHER) {
      case HTTP -> http(context);
      case OTHER -> opaque(context);
      case UNFINISHED -> {} // until its deadline
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    // nobody behind was told of a read
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      opaque(context);
      context.pipeline().fireUserEventTriggered(event); // to who has it now
    } else {
      context.fireUserEventTriggered(event);
    }
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

  private @Nullable ByteBuf taken() {
    ByteBuf all = held;
    held = null;
    return all;
  }

  private void http(ChannelHandlerContext context) {
    ByteBuf all = taken();
    if (all != null) {
      context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
      context.pipeline().addAfter(context.name(), null, http);
      context.fireChannelRead(all);
      context.fireChannelReadComplete();
      context.pipeline().remove(this);
    }
  }

  private void opaque(ChannelHandlerContext context) {
    ByteBuf all = taken();
    if (all != null) {
      context.channel().config().setAutoRead(false);
      opaque.accept(context.channel(), all);
      context.pipeline().remove(this);
    }
  }
}
