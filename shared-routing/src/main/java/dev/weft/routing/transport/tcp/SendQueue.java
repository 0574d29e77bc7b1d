package dev.weft.routing.transport.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollChannelOption;

/**
 * Bounds what the kernel takes of a connection before it can send it. Otherwise it takes up to
 * {@code tcp_wmem}, 4 MiB, for each side that reads slowly or not at all: memory that counts as the
 * process's own in a container, and that all connections of a machine share.
 *
 * <p>What is under way to a side that does read is not bounded by it. Costs one system call a
 * connection; without effect where the kernel does not know it.
 *
 * <p>Source: {@code TCP_NOTSENT_LOWAT} of tcp(7), Linux 3.12.
 */
public final class SendQueue {

  private static final long UNSENT = 1 << 17;

  private SendQueue() {}

  /** To be called once it is connected. */
  public static void bound(Channel connection) {
    try {
      connection.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT);
    } catch (ChannelException e) {
      // an older kernel, or one that only resembles Linux: as it was
    }
  }
}
