package dev.weft.routing.listener.intercept;

import dev.weft.routing.transport.tcp.Closing;
import dev.weft.routing.transport.tcp.HalfClosed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One end of a relay: what it reads goes to the other end. First in its pipeline; nothing of what
 * it reads is seen by those behind, but for the connection's end.
 */
final class RelayEnd extends ChannelInboundHandlerAdapter {

  private final Deque<ByteBuf> waiting = new ArrayDeque<>(1); // until there is another end
  private final Ending ending;
  private LongConsumer read = uncounted -> {};
  private Consumer<Fate> fate = unheard -> {};
  private Runnable over = () -> {};
  private @Nullable Joined joined;
  private boolean ended; // nothing more is read here
  private boolean told; // and the other side was told so
  private boolean alone; // the other side is gone
  private boolean broken; // this side was reset
  private boolean moved; // since somebody last asked

  /** Both ends, as one of them sees them. */
  private record Joined(EpollSocketChannel mine, RelayEnd other) {}

  /** How a connection comes to an end that neither side told. */
  enum Fate {
    BROKE,
    IDLE;

    /** As the log calls it. */
    String of(String side) {
      return this == IDLE ? "idle" : side + "_reset";
    }
  }

  RelayEnd(Ending ending) {
    this.ending = ending;
  }

  /** Takes bytes as the first that were read here; owned from here on. */
  void first(ByteBuf bytes) {
    waiting.add(bytes);
  }

  /** Tells how many bytes are read here; to be called before it joins. */
  void counted(LongConsumer counter) {
    read = counter;
  }

  /** Tells where it does not end well; to be called before it joins. */
  void hears(Consumer<Fate> of) {
    fate = of;
  }

  /** Tells, after that, that its channel is closed. */
  void over(Runnable closed) {
    over = closed;
  }

  /** This end's channel and the other's are one connection from now on. */
  void join(RelayEnd far, EpollSocketChannel mine, EpollSocketChannel theirs) {
    joined = new Joined(mine, far);
    far.joined = new Joined(theirs, this);
    if (!mine.isActive() || !theirs.isActive()) {
      close(mine);
      close(theirs);
      return;
    }
    catchUp(far);
    read();
    far.read();
  }

  private void catchUp(RelayEnd other) {
    for (ByteBuf bytes = waiting.poll(); bytes != null; bytes = waiting.poll()) {
      read.accept(bytes.readableBytes());
      other.write(bytes);
    }
    other.flush();
    if (ended) {
      tell(other);
    }
  }

  /** Reads on; epoll fails where it is asked to read a socket whose input ended. */
  private void read() {
    if (joined != null && !ended) {
      joined.mine.config().setAutoRead(true);
    }
  }

  private void write(ByteBuf bytes) {
    Joined here = joined;
    if (here == null) {
      bytes.release();
    } else {
      here.mine.write(bytes).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
  }

  private void flush() {
    if (joined != null) {
      joined.mine.flush();
    }
  }

  private boolean takesMore() {
    return joined != null && joined.mine.isWritable();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    moved = true;
    if (!(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
    } else if (joined == null) {
      waiting.add(bytes);
    } else {
      read.accept(bytes.readableBytes());
      joined.other.write(bytes);
      if (!joined.other.takesMore()) {
        context.channel().config().setAutoRead(false);
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (joined != null) {
      joined.other.flush();
    }
  }

  /** Where this side takes more again, the other is read on. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (joined != null && takesMore()) {
      joined.other.read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      HalfClosed.stays(context.channel());
    }
    if (event instanceof ChannelInputShutdownEvent || ending.told(event)) {
      ended = true;
      if (joined != null) {
        tell(joined.other);
      }
    } else if (event instanceof IdleStateEvent) {
      idle(context);
    } else if (!(event instanceof ChannelInputShutdownReadComplete)) {
      context.fireUserEventTriggered(event);
    }
  }

  private void idle(ChannelHandlerContext context) {
    boolean either = moved || (joined != null && joined.other.moved);
    moved = false;
    if (joined != null) {
      joined.other.moved = false;
    }
    if (!either) {
      fate.accept(Fate.IDLE);
      close(context.channel());
    }
  }

  /** Passes the end on once all before it is written; the last one closes both sides. */
  private void tell(RelayEnd other) {
    Joined there = other.joined;
    if (there == null || told) {
      return;
    }
    there
        .mine
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            flushed -> {
              told = true;
              other
                  .ending
                  .tell(there.mine)
                  .addListener(
                      other.told
                          ? ChannelFutureListener.CLOSE
                          : ChannelFutureListener.CLOSE_ON_FAILURE);
            });
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (joined != null && ended && !broken) {
      joined.other.finish();
    } else {
      broke();
    }
    over.run();
    context.fireChannelInactive();
  }

  private void broke() {
    if (!alone) {
      fate.accept(Fate.BROKE);
    }
    if (joined != null) {
      joined.other.breakOff(); // it broke, and must not look as if it had ended
    }
  }

  private void breakOff() {
    if (joined != null && joined.mine.isOpen()) { // a socket that is closed has no options
      cut(joined.mine);
    }
  }

  /** The other side is gone: what it said goes out, and then this one is closed too. */
  private void finish() {
    alone = true;
    if (joined != null) {
      joined.mine.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    broken = true; // a reset, of which the other side hears as of one
    close(context.channel());
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    waiting.forEach(ByteBuf::release);
    waiting.clear();
  }

  /**
   * Closes with a reset, which tells the other side that it did not end well; TLS in between would
   * say that it did.
   */
  static void cut(Channel channel) {
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    Closing.now(channel);
  }

  /** What cannot even be closed is told to its handlers. */
  static void close(Channel channel) {
    channel.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
  }
}
