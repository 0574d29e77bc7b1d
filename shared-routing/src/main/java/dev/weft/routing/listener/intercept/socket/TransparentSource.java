package dev.weft.routing.listener.intercept.socket;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connections to the own application that come from its callers' addresses, on Linux with
 * CAP_NET_RAW or CAP_NET_ADMIN. They are marked: by that the kernel knows what the application
 * answers, and keeps it here.
 *
 * <p>Their ports are none that a caller's system chooses by itself: the kernel could not tell apart
 * the caller's connection to the application and this one.
 *
 * <p>Source: the kernel's {@code Documentation/networking/tproxy.rst}; {@code ip_local_port_range}
 * of ip(7).
 */
public final class TransparentSource {

  private static final int FIRST_PORT = 10_240;
  private static final int PORTS = 22_528; // up to 32,767, below what Linux chooses from
  private static final AtomicInteger NEXT = new AtomicInteger();

  private TransparentSource() {}

  /** Has a connection come from the address of {@code caller}. */
  public static void use(Bootstrap bootstrap, SocketAddress caller) {
    use(bootstrap, ((InetSocketAddress) caller).getAddress().getHostAddress());
  }

  /**
   * @param address of a caller
   */
  static void use(Bootstrap bootstrap, String address) {
    int port = FIRST_PORT + Math.floorMod(NEXT.getAndIncrement(), PORTS);
    bootstrap.option(EpollChannelOption.IP_TRANSPARENT, true).localAddress(address, port);
    Mark.DELIVERED.put(bootstrap);
  }

  /** Whether the kernel lets this process do so. */
  public static boolean allowed() {
    EpollServerSocketChannel probe = new EpollServerSocketChannel();
    try {
      probe.config().setOption(EpollChannelOption.IP_TRANSPARENT, true);
      return Mark.DELIVERED.allowed();
    } catch (ChannelException e) {
      return false;
    } finally {
      probe.unsafe().closeForcibly();
    }
  }
}
