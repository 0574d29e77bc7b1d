package dev.weft.gateway;

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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An end of an upgraded connection that does not read stops the other one, and the proxy holds no
 * more of what is on its way than the buffers of its two connections. The ends of this test hold
 * nothing, so that what was written and is neither read nor in the kernel is in the proxy.
 */
final class WebSocketPressureIT extends WebSocketFixture {

  private static final byte[] PIECE = new byte[1 << 16];
  private static final int KERNEL_BUFFER = 1 << 17; // of both ends

  // Vert.x stops reading with 16 pieces in a socket's queue and 8 before it, seen after a reading
  // of 16: 39 of 64 KiB, and what is being written
  private static final long HELD = 4L << 20;

  private final AtomicLong written = new AtomicLong();
  private final ExecutorService ends = Executors.newCachedThreadPool();
  private long all; // more than the kernel may take for both connections

  @BeforeEach
  void size() throws Exception {
    assumeTrue(Tools.there(KernelQueues.known(), "what the kernel holds"), "Linux");
    long connection = KernelQueues.largest("tcp_rmem") + KernelQueues.largest("tcp_wmem");
    all = (2 * connection + HELD) / PIECE.length * PIECE.length;
  }

  @AfterEach
  void end() {
    ends.shutdownNow();
  }

  @ParameterizedTest
  @MethodSource("mutualTls")
  void aCallerThatDoesNotReadStopsTheBackend(boolean mutualTls) throws Exception {
    try (ServerSocket backend = listening(mutualTls)) {
      Future<?> pouring = ends.submit(() -> pour(upgraded(backend)));
      gateway(mutualTls, backend.getLocalPort());
      try (RawHttp client = new RawHttp(port, KERNEL_BUFFER)) {
        client.send(UPGRADE);
        client.head();

        long stuckAt = settled(written);
        long held = stuckAt - KernelQueues.bytes(port, backend.getLocalPort());
        long read = drained(client.socket());

        assertThat(stuckAt).isLessThan(all);
        assertThat(held).as("held by the proxy").isLessThan(HELD);
        assertThat(read).isEqualTo(all);
      }
      pouring.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @MethodSource("mutualTls")
  void aBackendThatDoesNotReadStopsTheCaller(boolean mutualTls) throws Exception {
    try (ServerSocket backend = listening(mutualTls)) {
      Future<Socket> taken = ends.submit(() -> upgraded(backend));
      gateway(mutualTls, backend.getLocalPort());
      try (RawHttp client = new RawHttp(port)) {
        client.send(UPGRADE);
        client.head();
        Future<?> pouring = ends.submit(() -> pour(client.socket()));

        long stuckAt = settled(written);
        long held = stuckAt - KernelQueues.bytes(port, backend.getLocalPort());
        long read = drained(taken.get(PATIENCE_SECONDS, TimeUnit.SECONDS));

        assertThat(stuckAt).isLessThan(all);
        assertThat(held).as("held by the proxy").isLessThan(HELD);
        assertThat(read).isEqualTo(all);
        pouring.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    }
  }

  private ServerSocket listening(boolean mutualTls) throws Exception {
    ServerSocket socket = mutualTls ? secured() : new ServerSocket();
    socket.setReceiveBufferSize(KERNEL_BUFFER); // before the window is told
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return socket;
  }

  private ServerSocket secured() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        shown().getKeyManagerFactory(vertx).getKeyManagers(),
        trusted().getTrustManagerFactory(vertx).getTrustManagers(),
        null);
    SSLServerSocket socket =
        (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
    socket.setNeedClientAuth(true);
    return socket;
  }

  /** The proxy's connection, switched. */
  private static Socket upgraded(ServerSocket backend) throws IOException {
    Socket socket = backend.accept();
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

  /** Piece by piece, counting what went. */
  private Void pour(Socket to) throws IOException {
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
