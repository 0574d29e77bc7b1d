package dev.weft.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** What Linux holds of TCP connections: written and not yet read. Source: {@code proc(5)}. */
public final class KernelQueues {

  private static final Path NET = Path.of("/proc/net");
  private static final String LISTENING = "0A";

  private KernelQueues() {}

  /** Whether this system tells. */
  public static boolean known() {
    return Files.isReadable(NET.resolve("tcp"));
  }

  /**
   * Bytes in the queues of all connections from or to one of these ports, both ends counted. What
   * was sent and not yet acknowledged is counted twice, so ask when nothing moves.
   */
  public static long bytes(int... ports) throws IOException {
    Set<String> wanted = new TreeSet<>();
    for (int port : ports) {
      wanted.add("%04X".formatted(port));
    }
    long sum = 0;
    for (String table : List.of("tcp", "tcp6")) {
      Path file = NET.resolve(table);
      for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
        String[] fields = line.strip().toUpperCase(Locale.ROOT).split("[ :]+", -1);
        if (fields.length > 8
            && !fields[5].equals(LISTENING)
            && (wanted.contains(fields[2]) || wanted.contains(fields[4]))) {
          sum += Long.parseLong(fields[6], 16) + Long.parseLong(fields[7], 16);
        }
      }
    }
    return sum;
  }

  /**
   * The most that one socket's buffer may grow to.
   *
   * @param setting {@code tcp_rmem} or {@code tcp_wmem}
   */
  public static long largest(String setting) throws IOException {
    try (var in = Files.newInputStream(Path.of("/proc/sys/net/ipv4", setting))) {
      String sizes = new String(in.readNBytes(256), StandardCharsets.US_ASCII); // in one reading
      return Long.parseLong(sizes.strip().split("\\s+", -1)[2]);
    }
  }
}
