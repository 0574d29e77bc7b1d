package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.load.Figures;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies that are far larger than the memory of the gateway's process. */
@Timeout(900)
final class LargeBodiesIT extends ProcessFixture {

  private static final int PIECE = 1 << 16;
  private static final int PATIENCE_MILLIS = 60_000;
  private static final long ONE = (long) Figures.length(96, 1024) << 20;
  private static final int AT_ONCE = Figures.length(10, 20);
  private static final long EACH = (long) Figures.length(16, 1024) << 20;
  private static final long MOST_MORE_KIB = 64 * 1024;

  private final ExecutorService clients = Executors.newFixedThreadPool(2 * AT_ONCE);
  private final AtomicLong peak = new AtomicLong();

  @AfterEach
  void end() throws InterruptedException {
    clients.shutdownNow();
    assertThat(clients.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
  }

  /** GET /N answers N bytes, anything else how many came. */
  private static void answer(HttpServerRequest request) {
    if (request.method().name().equals("GET")) {
      PouredBody.answer(request.response(), Long.parseLong(request.path().substring(1)));
    } else {
      AtomicLong came = new AtomicLong();
      request.handler(buffer -> came.addAndGet(buffer.length()));
      request.endHandler(end -> request.response().end(came + "\n"));
    }
  }

  /** What stands in the middle of a body. */
  private interface Middle {
    void stop() throws Exception;
  }

  private static Socket socket(int port, String head) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** How many bytes of a body came. */
  private static long download(int port, long length, Middle middle) throws Exception {
    String head = "GET /" + length + " HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n";
    try (Socket socket = socket(port, head)) {
      InputStream in = socket.getInputStream();
      skipHead(in);
      byte[] piece = new byte[PIECE];
      long came = 0;
      boolean half = false;
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        came += read;
        if (!half && came >= length / 2) {
          half = true;
          middle.stop();
        }
      }
      return came;
    }
  }

  private static void skipHead(InputStream in) throws IOException {
    for (int newlines = 0, next = in.read(); next >= 0; next = in.read()) {
      newlines = next == '\n' ? newlines + 1 : next == '\r' ? newlines : 0;
      if (newlines == 2) {
        return;
      }
    }
  }

  /** How many bytes of a body the backend says came to it. */
  private static long upload(int port, long length, Middle middle) throws Exception {
    String head =
        "POST / HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
            .formatted(length);
    try (Socket socket = socket(port, head)) {
      OutputStream out = socket.getOutputStream();
      byte[] piece = new byte[PIECE];
      for (long sent = 0; sent < length; sent += PIECE) {
        if (sent == length / 2 / PIECE * PIECE) {
          middle.stop();
        }
        out.write(piece, 0, (int) Math.min(PIECE, length - sent));
      }
      skipHead(socket.getInputStream());
      String told = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return Long.parseLong(told.replaceAll("\\D", ""));
    }
  }

  @Test
  void theyPassInLittleMemoryAlsoManyAtOnceAndPaused() throws Exception {
    shop(LargeBodiesIT::answer);
    Map<String, String> small = Map.of("WEFT_JAVA_OPTS", "-Xmx64m");
    try (LaunchedGateway gateway = LaunchedGateway.start(folder, config, small)) {
      gateway.process().says("ready");
      int port = gateway.port;
      for (int i = 0; i < 20; i++) {
        assertThat(download(port, 1 << 20, () -> {})).isEqualTo(1 << 20);
        assertThat(upload(port, 1 << 20, () -> {})).isEqualTo(1 << 20);
      }
      long before = Footprint.outside(gateway.process().pid()).residentKib();
      long timer = vertx.setPeriodic(100, tick -> look(gateway));

      assertThat(download(port, ONE, () -> {})).isEqualTo(ONE);
      assertThat(upload(port, ONE, () -> {})).isEqualTo(ONE);
      long one = peak.get();
      List<java.util.concurrent.Future<Long>> all = manyAtOnce(port);

      for (java.util.concurrent.Future<Long> each : all) {
        assertThat(each.get(600, TimeUnit.SECONDS)).isEqualTo(EACH);
      }
      vertx.cancelTimer(timer);
      Figures.tell(
          "bodies: %d MiB each way +%d KiB, %d of %d MiB at once each way, paused, +%d KiB"
              .formatted(ONE >> 20, one - before, AT_ONCE, EACH >> 20, peak.get() - before));
      assertThat(peak.get() - before).isLessThanOrEqualTo(MOST_MORE_KIB);
      assertThat(gateway.process().said()).doesNotContain("OutOfMemory");
    }
  }

  private void look(LaunchedGateway gateway) {
    try {
      long now = Footprint.outside(gateway.process().pid()).residentKib();
      peak.accumulateAndGet(now, Math::max);
    } catch (IOException e) {
      peak.set(Long.MAX_VALUE); // it is gone
    }
  }

  /** All stop in the middle until the last has come there, and memory was looked at. */
  private List<java.util.concurrent.Future<Long>> manyAtOnce(int port) {
    CountDownLatch there = new CountDownLatch(2 * AT_ONCE);
    Middle together =
        () -> {
          there.countDown();
          assertThat(there.await(120, TimeUnit.SECONDS)).isTrue();
          await(vertx.timer(1, TimeUnit.SECONDS)); // memory is looked at meanwhile
        };
    List<java.util.concurrent.Future<Long>> all = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      all.add(clients.submit(() -> download(port, EACH, together)));
      all.add(clients.submit(() -> upload(port, EACH, together)));
    }
    return all;
  }
}
