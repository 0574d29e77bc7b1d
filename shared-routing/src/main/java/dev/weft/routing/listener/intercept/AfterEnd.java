package dev.weft.routing.listener.intercept;

import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a socket whose caller ended its side and still reads. Netty's epoll (4.2.18) takes such
 * a socket out of its set once there is nothing to wait for, and cannot put it back to learn when
 * it takes more: what does not fit is tried again every two milliseconds. On the channel's loop
 * only.
 */
final class AfterEnd {

  private static final long PAUSE_MILLIS = 2;

  private final EpollSocketChannel channel;
  private final Runnable drained;
  private final Deque<ByteBuf> queue = new ArrayDeque<>();
  private @Nullable ScheduledFuture<?> next;

  /**
   * @param drained runs each time that all was taken after something was not
   */
  AfterEnd(EpollSocketChannel channel, Runnable drained) {
    this.channel = channel;
    this.drained = drained;
    channel.closeFuture().addListener(closed -> release());
  }

  boolean idle() {
    return queue.isEmpty();
  }

  /** Owns the bytes from here on. */
  void write(ByteBuf bytes) {
    queue.add(direct(bytes));
    if (next == null) {
      drain();
    }
  }

  private ByteBuf direct(ByteBuf bytes) {
    if (bytes.isDirect() && bytes.nioBufferCount() == 1) {
      return bytes;
    }
    ByteBuf copy = channel.alloc().directBuffer(bytes.readableBytes());
    copy.writeBytes(bytes);
    bytes.release();
    return copy;
  }

  private void drain() {
    if (!channel.isOpen()) {
      release();
      return;
    }
    try {
      for (ByteBuf first = queue.peek(); first != null; first = queue.peek()) {
        ByteBuffer bytes = first.nioBuffer();
        first.skipBytes(channel.fd().write(bytes, bytes.position(), bytes.limit()));
        if (first.isReadable()) {
          later();
          return;
        }
        queue.remove().release();
      }
    } catch (IOException e) {
      RelayEnd.close(channel); // it does not read any more either
    }
  }

  private void later() {
    if (next == null) {
      next = channel.eventLoop().schedule(this::again, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void again() {
    next = null;
    drain();
    if (idle()) {
      drained.run();
    }
  }

  private void release() {
    queue.forEach(ByteBuf::release);
    queue.clear();
  }
}
