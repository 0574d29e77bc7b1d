package dev.weft.cli.demo;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Free ports of the loopback address, below those that the kernel gives to clients (from 32768 on,
 * by default): one whose process is started anew is not taken by a connection meanwhile.
 */
final class DemoPorts {

  private static final int LOWEST = 10_000;
  private static final int END = 30_000;
  private static final int TRIES = 1000;

  private DemoPorts() {}

  /** Different ones; another process may take one before it is used, but hardly does. */
  static List<Integer> free(int count) throws IOException {
    SplittableRandom random = new SplittableRandom();
    Set<Integer> ports = new LinkedHashSet<>();
    for (int i = 0; i < TRIES && ports.size() < count; i++) {
      int port = random.nextInt(LOWEST, END);
      if (isFree(port)) {
        ports.add(port);
      }
    }
    if (ports.size() < count) {
      throw new BindException("no free ports from " + LOWEST + " to " + (END - 1));
    }
    return List.copyOf(ports);
  }

  private static boolean isFree(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
      return true;
    } catch (BindException taken) {
      return false;
    }
  }
}
