package dev.weft.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Loopback ports for programs that must be told where to listen. All are below those that the
 * kernel gives to whoever asks for any (from 32768 on, by default), and each process of tests hands
 * out ports of its own: a port that was free a moment ago is taken neither by a client's connection
 * nor by another test before the program listens on it.
 *
 * <p>A process owns a run of ports while it holds the lock of that run's file in the folder of
 * temporary files, which the kernel gives back when the process ends, however it ends.
 */
public final class FreePorts {

  private static final int LOWEST = 10_000;
  private static final int RUNS = 200;
  private static final int RUN = 100;

  /** Held until this process ends, and thereby the locks of what it hands out. */
  private static final List<FileChannel> OWNED = new ArrayList<>();

  private static int following;
  private static int end;

  private FreePorts() {}

  /**
   * A port that nobody listens on and that no process of tests was given before while this one
   * runs. For any thread.
   *
   * @throws IOException if other processes have all that are left, or the folder of temporary files
   *     cannot be written
   */
  public static synchronized int next() throws IOException {
    while (true) {
      if (following == end) {
        own();
      }
      int port = following++;
      if (free(port)) {
        return port;
      }
    }
  }

  private static void own() throws IOException {
    Path folder =
        Files.createDirectories(
            Path.of(
                System.getProperty("java.io.tmpdir"),
                "weft-test-ports-" + System.getProperty("user.name")));
    int first = new SplittableRandom().nextInt(RUNS);
    for (int i = 0; i < RUNS; i++) {
      int run = (first + i) % RUNS;
      FileChannel file =
          FileChannel.open(
              folder.resolve(Integer.toString(LOWEST + run * RUN)),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      if (locked(file)) {
        OWNED.add(file);
        following = LOWEST + run * RUN;
        end = following + RUN;
        return;
      }
      file.close();
    }
    throw new BindException(
        "no run of ports is left from " + LOWEST + " to " + (LOWEST + RUNS * RUN - 1));
  }

  private static boolean locked(FileChannel file) throws IOException {
    try {
      return file.tryLock() != null;
    } catch (OverlappingFileLockException ours) {
      return false;
    }
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
