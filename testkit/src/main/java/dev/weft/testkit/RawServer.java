package dev.weft.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * A server of HTTP/1.1 on loopback that keeps every byte that came (one character each), and
 * answers exactly the bytes that it is told to. One thread, which answers nobody before it has read
 * all that is there: who is answered knows that what was sent before, over whichever connection, is
 * kept by then.
 */
public final class RawServer implements AutoCloseable {

  /** At the end of an answer: the connection is closed after it. */
  public static final String THEN_CLOSED = "(closed)";

  private static final int BACKLOG = 100;
  private static final int MOST_AT_ONCE = 1 << 16;
  private static final String EMPTY_LINE = "\r\n\r\n";
  private static final long WRITE_AGAIN_NANOS = 100_000;

  private final ServerSocketChannel listening;
  private final Selector selector;
  private final Thread thread;
  private final ByteBuffer some = ByteBuffer.allocate(MOST_AT_ONCE);
  private final Function<String, String> answers;
  private final AtomicReference<String> received = new AtomicReference<>("");

  /**
   * On a free port.
   *
   * @param answers what is said to a whole request; nothing where it is empty
   */
  public RawServer(Function<String, String> answers) throws IOException {
    this.answers = answers;
    this.selector = Selector.open();
    this.listening = ServerSocketChannel.open();
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    listening.configureBlocking(false);
    listening.register(selector, SelectionKey.OP_ACCEPT);
    this.thread = new Thread(this::run, "raw server");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (listening.isOpen()) {
        selector.select();
        selector.selectedKeys().clear();
        turn();
      }
    } catch (IOException | ClosedSelectorException closed) {
      return; // at the end of all
    }
  }

  /** Reads until nothing more is there, and answers then; what is unfinished is kept first. */
  private void turn() throws IOException {
    Map<Conversation, String> came = new LinkedHashMap<>();
    boolean more = true;
    while (more) {
      accept();
      more = false;
      for (SelectionKey key : selector.keys()) {
        if (key.attachment() instanceof Conversation one) {
          String bytes = one.read();
          came.merge(one, bytes, String::concat);
          more |= !bytes.isEmpty();
        }
      }
    }
    for (boolean finished : new boolean[] {false, true}) {
      came.forEach(
          (one, bytes) -> {
            if (whole(one.request) == finished) {
              received.accumulateAndGet(bytes, String::concat);
            }
          });
    }
    came.keySet().stream().filter(one -> whole(one.request)).forEach(Conversation::answer);
  }

  private void accept() throws IOException {
    for (SocketChannel next = listening.accept(); next != null; next = listening.accept()) {
      next.configureBlocking(false);
      next.register(selector, SelectionKey.OP_READ, new Conversation(next));
    }
  }

  /** One connection; its channel is closed where the other side is gone. */
  private final class Conversation {

    private final SocketChannel channel;
    private String request = "";

    Conversation(SocketChannel channel) {
      this.channel = channel;
    }

    /** What is there by now. */
    String read() {
      try {
        some.clear();
        if (channel.isOpen() && channel.read(some) < 0) {
          channel.close();
        }
      } catch (IOException reset) {
        close();
      }
      String bytes = new String(some.array(), 0, some.position(), StandardCharsets.ISO_8859_1);
      request += bytes;
      return bytes;
    }

    void answer() {
      String answer = answers.apply(request);
      request = "";
      String said = answer.replace(THEN_CLOSED, "");
      ByteBuffer bytes = ByteBuffer.wrap(said.getBytes(StandardCharsets.ISO_8859_1));
      try {
        while (bytes.hasRemaining()) {
          if (channel.write(bytes) == 0) {
            LockSupport.parkNanos(WRITE_AGAIN_NANOS);
          }
        }
        if (!answer.equals(said)) {
          channel.close();
        }
      } catch (IOException gone) {
        close();
      }
    }

    void close() {
      try {
        channel.close();
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
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
    return listening.socket().getLocalPort();
  }

  /** All that came of all connections, as it came, since it was taken last. */
  public String taken() {
    return received.getAndSet("");
  }

  @Override
  public void close() throws IOException {
    listening.close();
    selector.wakeup();
    thread.interrupt(); // where an answer waits
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
