package dev.weft.routing.listener.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.PromiseNotifier;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets neither the preface, with the SETTINGS that are of it, nor a block of headers of an HTTP/2
 * connection take longer than its time, and ends one that is flooded. A HEADERS frame without
 * END_HEADERS is no request yet, and nothing else may come before its end: who leaves it out would
 * hold the connection, and what Netty keeps of the block, for ever.
 *
 * <p>Follows the frames in front of Netty's decoder, by nine bytes of each; a block that comes in
 * one read costs no timer. Stands where the connection's preface is still to come. Sees by the
 * frames that go out which streams are reset here, and keeps from Netty what was on its way to them
 * ({@link LateData}).
 *
 * <p>Source: RFC 9113 sections 3.4, 4.1, 4.3 and 6.10.
 */
public final class HeaderBlocks extends ChannelDuplexHandler {

  private static final int LENGTH_BYTES = 3;
  private static final int TYPE_AT = 3;
  private static final int FLAGS_AT = 4;
  private static final int FRAMES_TOGETHER = 64;
  private static final int PIECE = 4096; // bytes
  private static final int STREAM_AT = 5;
  private static final ByteBuf PREFACE = Http2CodecUtil.connectionPrefaceBuf();
  private static final ByteBuf CALM =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer()
              .writeMedium(2 * Integer.BYTES)
              .writeByte(Http2FrameTypes.GO_AWAY)
              .writeByte(0)
              .writeInt(0)
              .writeInt(Integer.MAX_VALUE) // any stream of before may have been processed
              .writeInt((int) Http2Error.ENHANCE_YOUR_CALM.code())
              .asReadOnly());

  private final Duration patience;
  private final Consumer<SocketAddress> refused;
  private final Consumer<SocketAddress> other;
  private final Consumer<SocketAddress> flood;
  private FrameBudget budget = new FrameBudget(0);
  private int skip = PREFACE.readableBytes(); // no frame's head
  private int at; // bytes of a frame's head that came
  private int length;
  private byte type;
  private int stream;
  private boolean prefaced;
  private boolean greeted; // the first frame came, too: a preface goes on with SETTINGS
  private boolean foreign; // what comes is not HTTP/2
  private boolean unfinished = true; // the preface, or a block that began
  private int frames; // that end in what came last
  private boolean spent; // more frames came than the budget takes
  private boolean over; // counted, and being ended
  private int going; // bytes of a frame whose head went out
  private @Nullable LateData late; // from the first reset on
  private final List<Runnable> waiting = new ArrayList<>(0); // for the end of a frame
  private int waitsFor; // as many frames as had ended
  private int ended; // frames, and the preface
  private @Nullable ScheduledFuture<?> deadline;

  /**
   * @param patience from a block's first frame to its last
   * @param refused hears whose block was too slow; one for all connections
   * @param other hears who says something else than the preface and its SETTINGS, or a frame that
   *     is larger than allowed, which ends the connection behind
   * @param flood hears whose frames were too many and ask for nothing
   */
  public HeaderBlocks(
      Duration patience,
      Consumer<SocketAddress> refused,
      Consumer<SocketAddress> other,
      Consumer<SocketAddress> flood) {
    this.patience = patience;
    this.refused = refused;
    this.other = other;
    this.flood = flood;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    budget = new FrameBudget(context.executor().ticker().nanoTime());
    watch(context, true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (over) {
      ReferenceCountUtil.release(message); // the connection ends: no more of it is looked at
    } else if (message instanceof ByteBuf bytes) {
      comes(context, bytes);
    } else {
      context.fireChannelRead(message);
    }
  }

  private void comes(ChannelHandlerContext context, ByteBuf bytes) {
    int due = at == 0 ? skip : -1;
    look(context, bytes);
    if (spent && !budget.refill(context.executor().ticker().nanoTime())) {
      bytes.release();
      over = true;
      flood.accept(context.channel().remoteAddress());
      end(context);
      return;
    }
    spent = false;
    if (late != null && late.follows(due)) {
      late.sift(bytes, rest -> pass(context, rest));
    } else {
      pass(context, bytes);
    }
    if (!waiting.isEmpty() && ended != waitsFor) {
      goOn();
    }
  }

  private void look(ChannelHandlerContext context, ByteBuf bytes) {
    foreign = !prefaced && !begins(bytes);
    if (!foreign) {
      follow(bytes);
    }
    if (foreign) {
      other.accept(context.channel().remoteAddress());
      context.pipeline().remove(this); // whoever is behind refuses it
    } else if (unfinished != (deadline != null)) {
      watch(context, unfinished);
    }
  }

  /** Streams end by that, and whoever hears of it may reset others. */
  private void goOn() {
    List<Runnable> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(Runnable::run);
  }

  private void pass(ChannelHandlerContext context, ByteBuf bytes) {
    if (over) {
      bytes.release();
    } else if (frames > FRAMES_TOGETHER) {
      inPieces(context, bytes);
    } else {
      context.fireChannelRead(bytes);
    }
  }

  /** Those behind may end the connection at any of so many frames: what follows is left then. */
  private void inPieces(ChannelHandlerContext context, ByteBuf bytes) {
    try {
      while (bytes.isReadable() && !over) {
        int next = Math.min(PIECE, bytes.readableBytes());
        context.fireChannelRead(bytes.readRetainedSlice(next));
      }
    } finally {
      bytes.release();
    }
  }

  /** What was kept from those behind makes room again in the window that it took. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    int owed = late == null || over ? 0 : late.owed();
    if (owed > 0) {
      ByteBuf room = context.alloc().buffer(Http2CodecUtil.WINDOW_UPDATE_FRAME_LENGTH);
      room.writeMedium(Integer.BYTES)
          .writeByte(Http2FrameTypes.WINDOW_UPDATE)
          .writeByte(0)
          .writeInt(0) // the connection's
          .writeInt(owed);
      context.writeAndFlush(room).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
    context.fireChannelReadComplete();
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    ChannelPromise told = promise;
    if (message instanceof ByteBuf bytes) {
      if (FrameBudget.tells(bytes)) {
        budget.work();
      }
      int reset = goes(bytes);
      if (reset > 0) {
        late = late == null ? new LateData() : late;
        late.reset(reset);
        boolean amid = at > 0 || (skip > 0 && type == Http2FrameTypes.DATA && stream == reset);
        told = amid ? afterFrame(context, promise) : promise;
      }
    }
    super.write(context, message, told);
  }

  /**
   * Whole frames, or their parts one after the other.
   *
   * @return the stream that this one resets; 0 where it is another frame, or a part of one
   */
  private int goes(ByteBuf bytes) {
    int count = bytes.readableBytes();
    if (going > 0 || count < Http2CodecUtil.FRAME_HEADER_LENGTH) {
      going -= Math.min(going, count);
      return 0;
    }
    int first = bytes.readerIndex();
    int whole = Http2CodecUtil.FRAME_HEADER_LENGTH + bytes.getUnsignedMedium(first);
    going = Math.max(0, whole - count);
    boolean resets = bytes.getByte(first + TYPE_AT) == Http2FrameTypes.RST_STREAM;
    return resets ? bytes.getInt(first + STREAM_AT) : 0;
  }

  /**
   * Netty forgets a stream when it hears that its reset was sent. It shall not before it has the
   * rest of a frame of it, which it then drops by itself.
   */
  private ChannelPromise afterFrame(ChannelHandlerContext context, ChannelPromise promise) {
    ChannelPromise sent = context.newPromise();
    waitsFor = ended;
    waiting.add(() -> sent.addListener(new PromiseNotifier<>(promise)));
    return sent;
  }

  /**
   * Those behind end the connection: nothing more of it is taken.
   *
   * @return whether nobody ended it before, so that it is to be counted
   */
  public boolean over() {
    boolean first = !over;
    over = true;
    return first;
  }

  /** Whether what comes goes on with the preface. */
  private boolean begins(ByteBuf bytes) {
    int from = PREFACE.readableBytes() - skip;
    int length = Math.min(skip, bytes.readableBytes());
    return ByteBufUtil.equals(bytes, bytes.readerIndex(), PREFACE, from, length);
  }

  private void follow(ByteBuf bytes) {
    frames = 0;
    int index = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (index < end) {
      if (skip > 0) {
        int passed = Math.min(skip, end - index);
        skip -= passed;
        index += passed;
        if (skip == 0) {
          passed();
        }
      } else {
        head(bytes.getByte(index));
        index++;
      }
    }
  }

  /** All of the preface's text, or of a frame. */
  private void passed() {
    ended++;
    if (!prefaced) {
      prefaced = true;
    } else if (!greeted) {
      greeted = true;
      unfinished = false;
    }
  }

  /** The next byte of a frame's head: length, type, flags, stream. */
  private void head(byte next) {
    if (at < LENGTH_BYTES) {
      length = length << Byte.SIZE | Byte.toUnsignedInt(next);
    } else if (at == TYPE_AT) {
      type = next;
    } else if (at == FLAGS_AT && (type == Http2FrameTypes.HEADERS || continues())) {
      unfinished = (next & Http2Flags.END_HEADERS) == 0;
    } else if (at >= STREAM_AT) {
      stream = stream << Byte.SIZE | Byte.toUnsignedInt(next);
    }
    at++;
    if (at == Http2CodecUtil.FRAME_HEADER_LENGTH) {
      foreign |= !greeted && type != Http2FrameTypes.SETTINGS;
      spent |= !budget.takes(type, length);
      frames++;
      skip = length;
      at = 0;
      length = 0;
      stream &= Integer.MAX_VALUE; // the first bit is reserved
      if (skip == 0) {
        passed();
      }
    }
  }

  private boolean continues() {
    return type == Http2FrameTypes.CONTINUATION;
  }

  private void watch(ChannelHandlerContext context, boolean begins) {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
    if (begins) {
      long nanos = patience.toNanos();
      deadline = context.executor().schedule(() -> late(context), nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void late(ChannelHandlerContext context) {
    deadline = null;
    if (!context.channel().config().isAutoRead()) {
      watch(context, true); // it is held up here, not there
      return;
    }
    refused.accept(context.channel().remoteAddress());
    over = true;
    end(context);
  }

  private static void end(ChannelHandlerContext context) {
    context
        .writeAndFlush(CALM.retainedDuplicate())
        .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    context // at once: it may not read
        .close()
        .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    watch(context, false); // the end of the connection, too
    goOn();
  }
}
