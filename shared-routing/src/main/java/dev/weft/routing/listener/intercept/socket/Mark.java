package dev.weft.routing.listener.intercept.socket;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.util.Optional;

/**
 * A number by which the rules of the kernel know a connection, on Linux with CAP_NET_ADMIN, or with
 * CAP_NET_RAW from 5.17 on.
 *
 * <p>Source: {@code SO_MARK} of socket(7).
 *
 * @param bits the 32 of it; not 0, which is what a socket has without
 */
public record Mark(int bits) {

  /** Of the connections to the own application that come from its callers' addresses. */
  public static final Mark DELIVERED = new Mark(0x539);

  private static final long MOST = 0xFFFF_FFFFL;
  private static final IntegerUnixChannelOption SO_MARK =
      new IntegerUnixChannelOption("SO_MARK", 1, 36); // SOL_SOCKET

  public Mark {
    if (bits == 0) {
      throw new IllegalArgumentException("mark: 0 (expected: 1 to 0xffffffff)");
    }
  }

  /** Of a decimal number, or a hexadecimal one that begins with 0x; empty where it is none. */
  public static Optional<Mark> of(String text) {
    try {
      long number = Long.decode(text);
      return number > 0 && number <= MOST ? Optional.of(new Mark((int) number)) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Gives it to what will be connected. */
  public void put(Bootstrap bootstrap) {
    bootstrap.option(SO_MARK, bits);
  }

  /** Whether the kernel lets this process mark a connection so. */
  public boolean allowed() {
    EpollServerSocketChannel probe = new EpollServerSocketChannel();
    try {
      probe.config().setOption(SO_MARK, bits);
      return true;
    } catch (ChannelException e) {
      return false;
    } finally {
      probe.unsafe().closeForcibly();
    }
  }

  /** As the kernel's tools write it. */
  @Override
  public String toString() {
    return "0x" + Integer.toHexString(bits);
  }
}
