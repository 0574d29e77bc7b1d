package dev.weft.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * A server of HTTP/1.1 on loopback that keeps every byte that came (one character each), and
 * answers exactly the bytes that it is told to. A thread for each connection.
 */
public final class RawServer implements AutoCloseable {

  /** At the end of an answer: the connection is closed after it. */
  public static final String THEN_CLOSED = "(closed)";

  private static final int BACKLOG = 100;
  private static final int MOST_AT_ONCE = 1 << 16;
  private static final String EMPTY_LINE = "\r\n\r\n";

  private final ServerSocket listening;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Function<String, String> answers;
  private final AtomicReference<String> received = new AtomicReference<>("");

  /**
   * On a free port.
   *
   * @param answers what is said to a whole request; nothing where it is empty
   */
  public RawServer(Function<String, String> answers) throws IOException {
    this.answers = answers;
    this.listening = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    run(this::accept);
  }

  private interface Task {
    void run() throws IOException;
  }

  private void run(Task task) {
    threads.execute(
        () -> {
          try {
            task.run();
          } catch (IOException closed) {
            return; // by the other side, or at the end of all
          }
        });
  }

  private void accept() throws IOException {
    while (true) {
      Socket socket = listening.accept();
      open.add(socket);
      run(() -> serve(socket));
    }
  }

  private void serve(Socket socket) throws IOException {
    try (socket) {
      InputStream in = socket.getInputStream();
      byte[] some = new byte[MOST_AT_ONCE];
      String request = "";
      for (int length = in.read(some); length >= 0; length = in.read(some)) {
        String bytes = new String(some, 0, length, StandardCharsets.ISO_8859_1);
        received.accumulateAndGet(bytes, String::concat);
        request += bytes;
        if (whole(request)) {
          String answer = answers.apply(request);
          request = "";
          String said = answer.replace(THEN_CLOSED, "");
          socket.getOutputStream().write(said.getBytes(StandardCharsets.ISO_8859_1));
          if (!answer.equals(said)) {
            return;
          }
        }
      }
    } finally {
      open.remove(socket);
    }
  }

  private static boolean whole(String request) {
    int end = request.indexOf(EMPTY_LINE);
    if (end < 0) {
      return false;
    }
    String head = request.substring(0, end).toLowerCase(Locale.ROOT);
    if (head.contains("\r\ntransfer-encoding:")) {
      return request.endsWith("\r\n0" + EMPTY_LINE);
    }
    int length = head.indexOf("\r\ncontent-length: ");
    if (length < 0) {
      return true;
    }
    int from = length + "\r\ncontent-length: ".length();
    int to = head.indexOf("\r\n", from);
    int announced = Integer.parseInt(head.substring(from, to < 0 ? head.length() : to));
    return request.length() >= end + EMPTY_LINE.length() + announced;
  }

  public int port() {
    return listening.getLocalPort();
  }

  /** All that came of all connections, as it came, since it was taken last. */
  public String taken() {
    return received.getAndSet("");
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : open) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
