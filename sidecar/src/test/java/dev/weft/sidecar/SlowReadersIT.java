package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.testkit.KernelQueues;
import dev.weft.testkit.RawHttp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A service that closes right after its last byte, and a caller two sidecars away that is slower:
 * much is on its way when the service's connection ends, and all of it arrives.
 */
@Timeout(120)
final class SlowReadersIT extends HopsFixture {

  private static final int PIECE = 1 << 16;
  private static final String PING = "\u0089\u0080abcd"; // masked, without content

  private final ExecutorService ends = Executors.newCachedThreadPool();
  private int pieces; // more than kernels and sidecars hold, so that the end is far from the caller

  /** How an answer's body ends. */
  private enum Body {
    CLOSED("HTTP/1.0 200 OK", ""),
    CLOSED_OF_1_1("HTTP/1.1 200 OK\r\nConnection: close", ""),
    CHUNKED(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum", "0\r\nx-sum: 7\r\n\r\n"),
    CHUNKED_AND_CLOSED(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked", "0\r\n\r\n");

    private final String head;
    private final String end;

    Body(String head, String end) {
      this.head = head;
      this.end = end;
    }

    boolean chunked() {
      return !end.isEmpty();
    }
  }

  @BeforeEach
  void size() throws Exception {
    assumeTrue(KernelQueues.known(), "the kernel's queues: Linux");
    long connection = KernelQueues.largest("tcp_rmem") + KernelQueues.largest("tcp_wmem");
    pieces = (int) ((3 * connection + (8L << 20)) / PIECE);
  }

  @AfterEach
  void end() {
    ends.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource
  void allOfAnAnswerArrives(Body body) throws Exception {
    try (ServerSocket service = listening()) {
      open("HTTP", service.getLocalPort(), "");
      Future<Void> poured = ends.submit(() -> serve(service, body));
      try (RawHttp client = new RawHttp(outbound)) {
        client.send(RawHttp.lines("GET / HTTP/1.1", "Host: " + HOST, "Connection: close", ""));
        assertThat(client.head())
            .startsWith("HTTP/1.1 200 ")
            .containsIgnoringCase("transfer-encoding: chunked");

        assertThat(chunks(client.socket().getInputStream())).isEqualTo((long) pieces * PIECE);
      }
      poured.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Void serve(ServerSocket service, Body body) throws IOException {
    try (Socket socket = asked(service)) {
      OutputStream out = socket.getOutputStream();
      send(out, body.head + "\r\n\r\n");
      for (int i = 0; i < pieces; i++) {
        if (body.chunked()) {
          send(out, Integer.toHexString(PIECE) + "\r\n");
        }
        out.write(piece(i));
        if (body.chunked()) {
          send(out, "\r\n");
        }
      }
      send(out, body.end);
    }
    return null;
  }

  /** The length of a body in chunks that is as it was poured, and has its end. */
  private static long chunks(InputStream in) throws IOException {
    long read = 0;
    for (int size = size(in); size > 0; size = size(in)) {
      read = asPoured(in.readNBytes(size), size, read);
      assertThat(in.readNBytes(2)).asString(StandardCharsets.US_ASCII).isEqualTo("\r\n");
    }
    return read;
  }

  private static int size(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.indexOf("\r\n") < 0) {
      int next = in.read();
      assertThat(next).as("in the size of a chunk: " + line).isNotNegative();
      line.append((char) next);
    }
    return Integer.parseInt(line.substring(0, line.length() - 2), 16);
  }

  @Test
  void allThatAnUpgradedServiceSaidArrives() throws Exception {
    assertThat(upgraded(false)).isEqualTo((long) pieces * PIECE);
  }

  /** What it says while the rest is on its way to it. */
  @Test
  void soItDoesWhereTheCallerGoesOnSpeaking() throws Exception {
    assertThat(upgraded(true)).isEqualTo((long) pieces * PIECE);
  }

  private long upgraded(boolean speaks) throws Exception {
    try (ServerSocket service = listening()) {
      open("HTTP", service.getLocalPort(), "");
      Future<Void> poured = ends.submit(() -> upgrade(service, speaks));
      try (RawHttp client = new RawHttp(outbound)) {
        client.send(
            RawHttp.lines(
                "GET /chat HTTP/1.1",
                "Host: " + HOST,
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                ""));
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");

        long read = read(client, speaks);

        client.socket().shutdownOutput();
        poured.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return read;
      }
    }
  }

  private Void upgrade(ServerSocket service, boolean listens) throws IOException {
    try (Socket socket = asked(service)) {
      OutputStream out = socket.getOutputStream();
      send(
          out,
          RawHttp.lines(
              "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", ""));
      for (int i = 0; i < pieces; i++) {
        out.write(piece(i));
      }
      socket.shutdownOutput();
      if (listens) { // where it does not, its kernel would reset what it has not sent yet
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      }
    }
    return null;
  }

  /** To the end. */
  private static long read(RawHttp client, boolean speaks) throws IOException {
    byte[] some = new byte[PIECE];
    long read = 0;
    InputStream in = client.socket().getInputStream();
    for (int more = in.read(some); more >= 0; more = in.read(some)) {
      read = asPoured(some, more, read);
      if (speaks) {
        speak(client);
      }
    }
    return read;
  }

  private static void speak(RawHttp client) throws IOException {
    try {
      client.send(PING);
    } catch (SocketException closed) {
      assertThat(closed).as("nobody listens").isNotNull();
    }
  }

  private static long asPoured(byte[] some, int length, long from) {
    for (int i = 0; i < length; i++) {
      if (some[i] != at(from + i)) {
        assertThat(some[i]).as("byte " + (from + i)).isEqualTo(at(from + i));
      }
    }
    return from + length;
  }

  private static byte at(long place) {
    return (byte) (place / PIECE + place);
  }

  private static byte[] piece(int number) {
    byte[] piece = new byte[PIECE];
    for (int i = 0; i < PIECE; i++) {
      piece[i] = at((long) number * PIECE + i);
    }
    return piece;
  }

  private static ServerSocket listening() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  /** The sidecar's connection, whose request has come. */
  private static Socket asked(ServerSocket service) throws IOException {
    Socket socket = service.accept();
    socket.setSoTimeout(PATIENCE_SECONDS * 1000);
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      assertThat(next).as("the request's head").isNotNegative();
      head.append((char) next);
    }
    return socket;
  }

  private static void send(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
