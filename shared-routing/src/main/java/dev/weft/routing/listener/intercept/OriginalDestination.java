package dev.weft.routing.listener.intercept;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;

/**
 * Where a connection was going before the kernel redirected it to a port of ours. One system call
 * at a connection's begin, without native code of our own. Epoll only: NIO has no such option, and
 * there no connection has an original destination.
 *
 * <p>Source: Linux, {@code SO_ORIGINAL_DST} of {@code linux/netfilter_ipv4.h} and {@code
 * IP6T_SO_ORIGINAL_DST} of {@code linux/netfilter_ipv6/ip6_tables.h}, which give a {@code
 * sockaddr_in} and a {@code sockaddr_in6}.
 */
public final class OriginalDestination {

  private static final int OPTION = 80; // of both levels
  private static final int PORT_AT = 2;
  private static final int V4_AT = 4;
  private static final int V4_BYTES = 4;
  private static final int V6_AT = 8;
  private static final int V6_BYTES = 16;
  private static final RawUnixChannelOption V4 =
      new RawUnixChannelOption("SO_ORIGINAL_DST", 0, OPTION, 16); // SOL_IP
  private static final RawUnixChannelOption V6 =
      new RawUnixChannelOption("IP6T_SO_ORIGINAL_DST", 41, OPTION, 28); // SOL_IPV6

  private OriginalDestination() {}

  /** Empty where nobody redirected the connection, or where the system does not tell. */
  public static Optional<InetSocketAddress> of(Channel channel) {
    if (!(channel instanceof EpollSocketChannel socket) || socket.localAddress() == null) {
      return Optional.empty(); // no such socket, or it is closed by now
    }
    boolean v6 = socket.localAddress().getAddress() instanceof Inet6Address;
    try {
      ByteBuffer told = socket.config().getOption(v6 ? V6 : V4);
      return told == null ? Optional.empty() : Optional.of(address(told, v6));
    } catch (ChannelException e) {
      return Optional.empty(); // ENOENT: it is in no table of redirected connections
    }
  }

  /**
   * Whether a connection that goes where it was meant to go would come back here.
   *
   * @param meant its original destination
   * @param local where it arrived: the same, where nobody redirected it
   * @param own the ports of this proxy to which connections are redirected
   */
  public static boolean loops(InetSocketAddress meant, InetSocketAddress local, Set<Integer> own) {
    boolean here = meant.getAddress().equals(local.getAddress());
    return (here && meant.getPort() == local.getPort())
        || (own.contains(meant.getPort()) && (here || meant.getAddress().isLoopbackAddress()));
  }

  /**
   * The {@code sockaddr}: family in the machine's order, then port and address in the network's.
   */
  static InetSocketAddress address(ByteBuffer told, boolean v6) {
    ByteBuffer bytes = told.duplicate().order(ByteOrder.BIG_ENDIAN);
    byte[] address = new byte[v6 ? V6_BYTES : V4_BYTES];
    bytes.get(bytes.position() + (v6 ? V6_AT : V4_AT), address);
    int port = Short.toUnsignedInt(bytes.getShort(bytes.position() + PORT_AT));
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + address.length + " bytes", e);
    }
  }
}
