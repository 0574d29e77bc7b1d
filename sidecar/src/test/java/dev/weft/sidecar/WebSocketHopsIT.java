package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.testkit.KernelQueues;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.Tools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An end of an upgraded connection that does not read stops the other one through two sidecars,
 * which hold no more of what is on its way than the buffers of their connections. The ends of this
 * test hold nothing, so that what was written and is neither read nor in the kernel is in them.
 */
@Timeout(120)
final class WebSocketHopsIT extends HopsFixture {

  private static final byte[] PIECE = new byte[1 << 16];
  private static final int KERNEL_BUFFER = 1 << 17; // of both ends
  private static final long HELD = 2 * (4L << 20); // as much as a gateway, by each
  private static final int STILL = 25; // looks, of 20 ms each
  private static final String UPGRADE =
      RawHttp.lines(
          "GET /chat HTTP/1.1",
          "Host: " + HOST,
          "Upgrade: websocket",
          "Connection: keep-alive, Upgrade",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "");
  private static final String SWITCHED =
      RawHttp.lines(
          "HTTP/1.1 101 Switching Protocols",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
          "");

  private final AtomicLong written = new AtomicLong();
  private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
  private final ExecutorService ends = Executors.newCachedThreadPool();
  private long all; // more than the kernel may take for three connections

  @BeforeEach
  void size() throws Exception {
    assumeTrue(Tools.there(KernelQueues.known(), "what the kernel holds"), "Linux");
    long connection = KernelQueues.largest("tcp_rmem") + KernelQueues.largest("tcp_wmem");
    all = (3 * connection + HELD) / PIECE.length * PIECE.length;
  }

  @AfterEach
  void end() throws IOException {
    ends.shutdownNow();
    for (Socket one : open) {
      one.close();
    }
  }

  @Test
  void aCallerThatDoesNotReadStopsTheService() throws Exception {
    try (ServerSocket service = listening()) {
      Future<Void> pouring = ends.submit(() -> pour(upgraded(service)));
      open("HTTP", service.getLocalPort(), "");
      try (RawHttp client = new RawHttp(outbound, KERNEL_BUFFER)) {
        client.send(UPGRADE);
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");

        stopped(service);

        assertThat(drained(client.socket())).isEqualTo(all);
      }
      pouring.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Test
  void aServiceThatDoesNotReadStopsTheCaller() throws Exception {
    try (ServerSocket service = listening()) {
      Future<Socket> taken = ends.submit(() -> upgraded(service));
      open("HTTP", service.getLocalPort(), "");
      try (RawHttp client = new RawHttp(outbound)) {
        client.send(UPGRADE);
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        Future<Void> pouring = ends.submit(() -> pour(client.socket()));

        stopped(service);

        assertThat(drained(taken.get(PATIENCE_SECONDS, TimeUnit.SECONDS))).isEqualTo(all);
        pouring.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    }
  }

  /** Who pours comes to rest, and little of it is in the sidecars. */
  private void stopped(ServerSocket service) throws Exception {
    long stuckAt = settled();
    long held = stuckAt - KernelQueues.bytes(outbound, inbound, service.getLocalPort());
    assertThat(stuckAt).isLessThan(all);
    assertThat(held).as("held by two sidecars").isLessThan(HELD);
  }

  private long settled() throws Exception {
    long before = -1;
    int same = 0;
    for (int i = 0; i < 50 * PATIENCE_SECONDS && same < STILL; i++) {
      await(vertx.timer(20, TimeUnit.MILLISECONDS));
      long now = written.get();
      same = now == before && now > 0 ? same + 1 : 0;
      before = now;
    }
    assertThat(same).as("rests, at " + before).isEqualTo(STILL);
    return before;
  }

  private static ServerSocket listening() throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReceiveBufferSize(KERNEL_BUFFER); // before the window is told
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return socket;
  }

  /** The sidecar's connection, switched. */
  private static Socket upgraded(ServerSocket service) throws IOException {
    Socket socket = service.accept();
    socket.setSoTimeout(PATIENCE_SECONDS * 1000);
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      assertThat(next).as("the request's head").isNotNegative();
      head.append((char) next);
    }
    socket.getOutputStream().write(SWITCHED.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** Piece by piece, counting what went; a socket that nobody refers to would be closed. */
  private Void pour(Socket to) throws IOException {
    open.add(to);
    while (written.get() < all) {
      to.getOutputStream().write(PIECE);
      written.addAndGet(PIECE.length);
    }
    return null;
  }

  private long drained(Socket from) throws IOException {
    byte[] some = new byte[1 << 20];
    long read = 0;
    while (read < all) {
      int more = from.getInputStream().read(some);
      assertThat(more).as("after " + read).isPositive();
      read += more;
    }
    return read;
  }
}
