package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets through a gateway and two sidecars, mTLS between them. */
@Timeout(120)
final class WebSocketHopsIT {

  private static final int PATIENCE_SECONDS = 60;
  private static final int LARGE = 16 << 20;
  private static final int PIECE = 1 << 16;
  private static final int POURED = 2048; // pieces: more than the kernel takes at all hops
  private static final long MOST_MORE_KIB = 64 * 1024;

  @TempDir private static Path folder;

  private static final Vertx VERTX = Vertx.vertx();
  private static final BlockingQueue<String> TOLD = new LinkedBlockingQueue<>();
  private static final List<WebSocketClient> KEPT = new CopyOnWriteArrayList<>();
  private static final AtomicInteger POURING = new AtomicInteger();
  private static LaunchedHops hops;

  @BeforeAll
  static void start() throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .setPerMessageWebSocketCompressionSupported(true)
            .setPerFrameWebSocketCompressionSupported(false)
            .setWebSocketSubProtocols(List.of("chat.v2", "chat.v1"))
            .setMaxWebSocketFrameSize(LARGE)
            .setMaxWebSocketMessageSize(2 * LARGE);
    int application =
        ProcessFixture.await(
                VERTX
                    .createHttpServer(options)
                    .requestHandler(request -> request.response().end("plain"))
                    .webSocketHandler(WebSocketHopsIT::serve)
                    .listen(0, "127.0.0.1"))
            .actualPort();
    hops = LaunchedHops.start(folder, "HTTP", application, "");
  }

  @AfterAll
  static void stop() throws Exception {
    if (hops != null) {
      hops.close();
    }
    ProcessFixture.await(VERTX.close());
  }

  @AfterEach
  void forget() {
    TOLD.clear();
  }

  private static void serve(ServerWebSocket socket) {
    switch (socket.path()) {
      case "/echo" -> {
        socket.textMessageHandler(socket::writeTextMessage);
        socket.binaryMessageHandler(socket::writeBinaryMessage);
      }
      case "/frames" -> socket.frameHandler(frame -> TOLD.add(told(frame)));
      case "/bye" -> socket.handler(any -> socket.close((short) 4001, "enough of it"));
      case "/pour" -> pour(socket);
      default -> throw new IllegalArgumentException(socket.path());
    }
    socket.closeHandler(
        closed -> TOLD.add("closed " + socket.closeStatusCode() + socket.closeReason()));
  }

  private static String told(WebSocketFrame frame) {
    return frame.type() + " " + frame.isFinal() + " " + frame.binaryData().length();
  }

  private static void pour(ServerWebSocket socket) {
    while (!socket.writeQueueFull() && POURING.get() < POURED) {
      byte[] piece = new byte[PIECE];
      new Random(POURING.getAndIncrement()).nextBytes(piece); // does not compress
      socket.writeBinaryMessage(Buffer.buffer(piece));
    }
    if (POURING.get() < POURED) {
      socket.drainHandler(drained -> pour(socket));
    }
  }

  private static WebSocketClient client(boolean compressed) {
    WebSocketClient client =
        VERTX.createWebSocketClient(
            new WebSocketClientOptions()
                .setTryUsePerMessageCompression(compressed)
                .setMaxFrameSize(LARGE)
                .setMaxMessageSize(2 * LARGE));
    KEPT.add(client); // Vert.x closes one that nobody refers to
    return client;
  }

  private static Future<WebSocket> open(boolean compressed, String path, String... protocols) {
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(hops.port)
            .setURI(path)
            .addHeader("Host", LaunchedHops.HOST);
    for (String protocol : protocols) {
      options.addSubProtocol(protocol);
    }
    return client(compressed).connect(options);
  }

  private static String next() throws InterruptedException {
    return TOLD.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void largeMessagesPassBothWaysCompressedOrNot(boolean compressed) throws Exception {
    byte[] large = new byte[LARGE];
    new Random(7).nextBytes(large);
    Arrays.fill(large, 0, LARGE / 2, (byte) 'a');
    Promise<Buffer> binary = Promise.promise();
    Promise<String> text = Promise.promise();

    WebSocket socket =
        ProcessFixture.await(
            open(compressed, "/echo")
                .onSuccess(
                    opened -> {
                      opened.binaryMessageHandler(binary::complete);
                      opened.textMessageHandler(text::complete);
                    }));
    socket.writeTextMessage("gr\u00fc\u00dfe");
    socket.writeBinaryMessage(Buffer.buffer(large));

    assertThat(ProcessFixture.await(text.future())).isEqualTo("gr\u00fc\u00dfe");
    assertThat(ProcessFixture.await(binary.future())).isEqualTo(Buffer.buffer(large));
    ProcessFixture.await(socket.close());
  }

  @Test
  void fragmentsPingsAndCloseCodesPassAsTheyAre() throws Exception {
    Promise<Buffer> pong = Promise.promise();
    WebSocket socket =
        ProcessFixture.await(
            open(false, "/frames").onSuccess(opened -> opened.pongHandler(pong::complete)));

    socket.writeFrame(WebSocketFrame.binaryFrame(Buffer.buffer(new byte[1000]), false));
    socket.writeFrame(WebSocketFrame.continuationFrame(Buffer.buffer(new byte[20]), false));
    socket.writePing(Buffer.buffer("are you there"));
    socket.writeFrame(WebSocketFrame.continuationFrame(Buffer.buffer(new byte[3]), true));

    assertThat(ProcessFixture.await(pong.future())).hasToString("are you there");
    assertThat(next()).isEqualTo("BINARY false 1000");
    assertThat(next()).isEqualTo("CONTINUATION false 20");
    assertThat(next()).isEqualTo("PING true 13");
    assertThat(next()).isEqualTo("CONTINUATION true 3");
    socket.close((short) 3456, "done");
    assertThat(next()).isEqualTo("CLOSE true 6");
    assertThat(next()).isEqualTo("closed 3456done");
  }

  @Test
  void theServersCodeAndReasonArrive() throws Exception {
    Promise<String> closed = Promise.promise();
    WebSocket socket =
        ProcessFixture.await(
            open(false, "/bye")
                .onSuccess(
                    opened ->
                        opened.closeHandler(
                            end ->
                                closed.complete(
                                    opened.closeStatusCode() + " " + opened.closeReason()))));

    socket.writeTextMessage("bye");

    assertThat(ProcessFixture.await(closed.future())).isEqualTo("4001 enough of it");
  }

  @Test
  void theEndsAgreeOnProtocolAndCompressionThemselves() throws Exception {
    String handshake =
        RawHttp.lines(
            "GET /echo HTTP/1.1",
            "Host: " + LaunchedHops.HOST,
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol: chat.v1, chat.v0",
            "Sec-WebSocket-Extensions: permessage-deflate",
            "");
    try (RawHttp client = new RawHttp(hops.port)) {
      client.send(handshake);

      assertThat(client.head().toLowerCase(java.util.Locale.ROOT))
          .startsWith("http/1.1 101 ")
          .contains("sec-websocket-protocol: chat.v1\r\n")
          .contains("sec-websocket-extensions: permessage-deflate");
    }
    WebSocket other = ProcessFixture.await(open(false, "/echo", "chat.v2"));
    assertThat(other.subProtocol()).isEqualTo("chat.v2");
    assertThat(other.headers().contains("sec-websocket-extensions")).isFalse();
  }

  @Test
  void aCallerThatDoesNotReadStopsTheServerAndNoProxyGrows() throws Exception {
    List<Long> before = hops.residentKib();
    AtomicInteger read = new AtomicInteger();
    Promise<Void> all = Promise.promise();
    WebSocket socket =
        ProcessFixture.await(
            open(false, "/pour")
                .onSuccess(
                    opened -> {
                      opened.pause();
                      opened.binaryMessageHandler(
                          piece -> {
                            if (read.incrementAndGet() == POURED) {
                              all.complete();
                            }
                          });
                    }));

    int stuckAt = settled();
    List<Long> after = hops.residentKib();
    socket.resume();
    ProcessFixture.await(all.future());

    assertThat(stuckAt).as("of %d pieces", POURED).isLessThan(POURED * 3 / 4);
    for (int i = 0; i < after.size(); i++) {
      assertThat(after.get(i) - before.get(i)).as("KiB more").isLessThan(MOST_MORE_KIB);
    }
    ProcessFixture.await(socket.close());
  }

  /** What was poured when it stands still, while others are served. */
  private static int settled() throws Exception {
    int before = -1;
    int now = 0;
    String plain =
        RawHttp.lines("GET / HTTP/1.1", "Host: " + LaunchedHops.HOST, "Connection: close", "");
    for (int round = 0; round < 200 && (now == 0 || now != before); round++) {
      before = now;
      for (int i = 0; i < 20; i++) {
        assertThat(RawHttp.exchange(hops.port, plain))
            .startsWith("HTTP/1.1 200 ")
            .endsWith("plain");
      }
      now = POURING.get();
    }
    assertThat(now).as("stands still").isPositive().isEqualTo(before);
    return now;
  }
}
