package dev.weft.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Loopback ports for programs that must be told where to listen. All are below those that the
 * kernel gives to whoever asks for any (from 32768 on, by default): a port that was free a moment
 * ago is not taken by a client's connection before the program listens on it.
 */
public final class FreePorts {

  private static final int LOWEST = 10_000;
  private static final int END = 30_000;
  private static final int TRIES = 1000;
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private FreePorts() {}

  /**
   * A port that nobody listens on and that this process was not given before. For any thread.
   *
   * @throws IOException if a thousand in a row are taken
   */
  public static int next() throws IOException {
    SplittableRandom random = new SplittableRandom();
    for (int i = 0; i < TRIES; i++) {
      int port = random.nextInt(LOWEST, END);
      if (GIVEN.add(port) && free(port)) {
        return port;
      }
    }
    throw new BindException("no free port from " + LOWEST + " to " + (END - 1));
  }

  private static boolean free(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
      return true;
    } catch (BindException taken) {
      return false;
    }
  }
}
