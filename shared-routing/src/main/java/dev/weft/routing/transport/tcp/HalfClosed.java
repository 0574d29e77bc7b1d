package dev.weft.routing.transport.tcp;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Sockets whose other side ended its half and still reads.
 *
 * <p>Netty's epoll (4.2.18 to 4.2.20) takes a socket that waits for nothing out of the set, as such
 * a socket does between two writes, and later changes it as if it were still there: the first write
 * that does not fit at once fails with ENOENT, and the connection with it.
 */
public final class HalfClosed {

  private static final MethodHandle SET_FLAG = setFlag();

  private HalfClosed() {}

  /**
   * Keeps a socket in its loop's set by a flag that waits for nothing: the one by which what
   * happens is told once and not until it is over, which is all the same to writes and keeps one
   * that broke from waking its loop without end. To be called on its loop when {@code
   * ChannelInputShutdownEvent} is told, before it has left the set; no matter for sockets that are
   * not epoll's.
   */
  public static void stays(Channel channel) {
    if (!(channel instanceof EpollSocketChannel)) {
      return;
    }
    try {
      SET_FLAG.invoke(channel, Native.EPOLLET);
    } catch (Throwable failed) {
      channel.pipeline().fireExceptionCaught(failed);
    }
  }

  /** Of all channels of epoll's, whose common class is not public. */
  private static MethodHandle setFlag() {
    Class<?> channels = EpollSocketChannel.class.getSuperclass().getSuperclass();
    try {
      return MethodHandles.privateLookupIn(channels, MethodHandles.lookup())
          .findVirtual(channels, "setFlag", MethodType.methodType(void.class, int.class));
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException("Netty's epoll is another one than it was", changed);
    }
  }
}
