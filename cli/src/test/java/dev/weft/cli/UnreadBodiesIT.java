package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More bodies at once that nobody reads than the gateway's process has memory for. */
@Timeout(240)
final class UnreadBodiesIT extends ProcessFixture {

  private static final int CONNECTIONS = 60;
  private static final int STREAMS = 30;
  private static final long LARGE = 1 << 20;
  private static final Buffer PIECE = Buffer.buffer(new byte[1 << 14]);
  private static final int LOOKS = 300;
  private static final long SCARCE = 8 << 20; // an eighth of the heap
  private static final long MOST = 48 << 20;
  private static final Pattern BUFFERED = Pattern.compile("(?m)^weft_buffered_bytes (\\S+)$");

  private final List<Socket> callers = new ArrayList<>();
  private LaunchedGateway gateway;

  @BeforeEach
  void start() throws Exception {
    shop(UnreadBodiesIT::answer);
    gateway =
        LaunchedGateway.start(
            folder, config, Map.of("WEFT_JAVA_OPTS", "-Xmx64m"), "--profile", "small");
    gateway.process().says("ready");
  }

  @AfterEach
  void end() throws IOException {
    for (Socket caller : callers) {
      caller.close();
    }
    gateway.close();
  }

  /** GET /N answers N bytes; a POST is never read. */
  private static void answer(HttpServerRequest request) {
    if (request.method().equals(HttpMethod.GET)) {
      PouredBody.answer(request.response(), Long.parseLong(request.path().substring(1)));
    } else {
      request.pause();
    }
  }

  @Test
  void answersOverHttp2() throws Exception {
    for (int i = 0; i < CONNECTIONS; i++) {
      unread(manyStreams());
    }

    holdsNoMoreThanItMay();

    close(callers);
    holdsNothing();
  }

  @Test
  void answersOverHttp1() throws Exception {
    byte[] asks =
        "GET /%d HTTP/1.1\r\nhost: shop.test\r\n\r\n"
            .formatted(LARGE)
            .getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 2 * CONNECTIONS * STREAMS / 3; i++) {
      unread(asks);
    }

    holdsNoMoreThanItMay();

    close(callers);
    holdsNothing();
  }

  @Test
  void uploads() throws Exception {
    List<HttpClient> clients = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      HttpClient client =
          vertx.createHttpClient(
              new HttpClientOptions()
                  .setProtocolVersion(HttpVersion.HTTP_2)
                  .setHttp2ClearTextUpgrade(false));
      clients.add(client);
      for (int j = 0; j < STREAMS; j++) {
        client.request(post()).onSuccess(request -> pour(request.setChunked(true), LARGE));
      }
    }

    holdsNoMoreThanItMay();

    Future.join(clients.stream().map(HttpClient::close).toList()).onComplete(closed -> {});
    holdsNothing();
  }

  private RequestOptions post() {
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setServer(SocketAddress.inetSocketAddress(gateway.port, "127.0.0.1"))
        .setHost("shop.test");
  }

  private static void pour(HttpClientRequest request, long left) {
    request.exceptionHandler(cut -> {});
    long rest = left;
    while (rest > 0 && !request.writeQueueFull()) {
      request.write(PIECE).onFailure(cut -> {});
      rest -= PIECE.length();
    }
    long then = rest;
    request.drainHandler(drained -> pour(request, then));
  }

  private void unread(byte[] said) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(1 << 12);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port));
    socket.getOutputStream().write(said);
    callers.add(socket);
  }

  /** Windows as large as there are, so that nothing but the gateway bounds what comes. */
  private static byte[] manyStreams() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(out, 4, 0, 0, new byte[] {0, 4, 0x7f, -1, -1, -1});
    frame(out, 8, 0, 0, ByteBuffer.allocate(4).putInt(Integer.MAX_VALUE - 65_535).array());
    for (int i = 0; i < STREAMS; i++) {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      head.write(0x82); // :method GET
      head.write(0x86); // :scheme http
      literal(head, ":path", "/" + LARGE);
      literal(head, ":authority", "shop.test");
      frame(out, 1, 5, 1 + 2 * i, head.toByteArray());
    }
    return out.toByteArray();
  }

  private static void literal(ByteArrayOutputStream head, String name, String value) {
    head.write(0);
    for (String each : List.of(name, value)) {
      head.write(each.length());
      head.writeBytes(each.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static void frame(
      ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
    out.write(payload.length >> 16);
    out.write(payload.length >> 8);
    out.write(payload.length);
    out.write(type);
    out.write(flags);
    out.writeBytes(ByteBuffer.allocate(4).putInt(stream).array());
    out.writeBytes(payload);
  }

  private void holdsNoMoreThanItMay() throws Exception {
    long most = buffered();
    for (int looks = 0; looks < LOOKS && most < SCARCE; looks++) {
      await(vertx.timer(50, TimeUnit.MILLISECONDS));
      most = Math.max(most, buffered());
    }
    assertThat(most).as("bytes at once").isBetween(SCARCE, MOST);
    assertThat(gateway.admin("/ready")).startsWith("200");
    assertThat(gateway.process().said()).doesNotContain("OutOfMemory");
  }

  private void holdsNothing() throws Exception {
    for (int looks = 0; looks < LOOKS && buffered() > 0; looks++) {
      await(vertx.timer(50, TimeUnit.MILLISECONDS));
    }
    assertThat(buffered()).as("bytes of bodies whose callers are gone").isZero();
    assertThat(get()).as("what is asked afterwards").isEqualTo(LARGE);
  }

  private long get() throws Exception {
    HttpClient client = vertx.createHttpClient();
    RequestOptions options = post().setMethod(HttpMethod.GET).setURI("/" + LARGE);
    return await(
        client
            .request(options)
            .compose(HttpClientRequest::send)
            .compose(response -> response.body().map(body -> (long) body.length())));
  }

  private long buffered() throws Exception {
    Matcher told = BUFFERED.matcher(gateway.admin("/metrics"));
    return told.find() ? (long) Double.parseDouble(told.group(1)) : -1;
  }

  private static void close(List<Socket> sockets) throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
