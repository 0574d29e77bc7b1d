package dev.weft.routing.admin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** Sends bytes as they stand, so that a test can be as rude as it likes. */
final class RawClient implements AutoCloseable {

  private static final int WAIT_MILLIS = 10_000;

  private final Socket socket;
  private final BufferedReader reader;

  RawClient(int port) throws IOException {
    this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(WAIT_MILLIS);
    this.reader =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
  }

  /** One answer as a whole. */
  record Answer(int status, String head, String body) {}

  static Answer get(int port, String target) throws IOException {
    return ask(port, "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n");
  }

  static Answer post(int port, String target) throws IOException {
    return ask(
        port,
        "POST "
            + target
            + " HTTP/1.1\r\nHost: localhost\r\nx-weft-admin: 1\r\nContent-Length: 0\r\n");
  }

  /**
   * @param head without {@code Connection} and without the empty line
   */
  static Answer ask(int port, String head) throws IOException {
    try (RawClient client = new RawClient(port)) {
      client.send(head + "Connection: close\r\n\r\n");
      String all = client.reader.lines().collect(Collectors.joining("\n"));
      int end = all.indexOf("\n\n");
      int status = Integer.parseInt(all.substring(9, 12));
      return end < 0
          ? new Answer(status, all, "") // the last line was the empty one
          : new Answer(status, all.substring(0, end), all.substring(end + 2));
    }
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The next line that begins with {@code prefix}. */
  String next(String prefix) {
    try {
      String line = reader.readLine();
      while (line != null && !line.startsWith(prefix)) {
        line = reader.readLine();
      }
      if (line == null) {
        throw new AssertionError("the stream ended before a line with " + prefix);
      }
      return line;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
