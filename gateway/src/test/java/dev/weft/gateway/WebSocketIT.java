package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A connection that was upgraded passes bytes both ways, in plaintext and over mTLS upstream. */
final class WebSocketIT extends WaysFixture {

  private static final String UPGRADE =
      RawHttp.lines(
          "GET /chat HTTP/1.1",
          "Host: shop.test",
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
  private static final Buffer PIECE = Buffer.buffer(new byte[1 << 16]);
  private static final int KERNEL_BUFFER = 1 << 17; // of both ends
  private static final long OURS = 4L << 20; // what the proxy and the two ends may hold

  // what the kernel may hold for the proxy, whose buffers grow on a busy machine to all they may
  private static final long ON_THE_WAY = largest("tcp_rmem") + largest("tcp_wmem") + OURS;
  private static final int PIECES = (int) (2 * ON_THE_WAY / PIECE.length());

  private static long largest(String setting) {
    try (InputStream in = Files.newInputStream(Path.of("/proc/sys/net/ipv4", setting))) {
      String sizes = new String(in.readNBytes(256), StandardCharsets.US_ASCII); // in one reading
      return Long.parseLong(sizes.strip().split("\\s+", -1)[2]);
    } catch (IOException e) {
      return 32L << 20; // not Linux
    }
  }

  static Stream<Boolean> mutualTls() {
    return Stream.of(false, true);
  }

  @ParameterizedTest
  @MethodSource("mutualTls")
  void whatFollowsTheHandshakeAtOnceIsNotLost(boolean mutualTls) throws Exception {
    begin(mutualTls, socket -> socket.handler(any -> socket.write(SWITCHED + "first words")));

    try (RawHttp client = new RawHttp(port)) {
      client.send(UPGRADE);

      assertThat(client.head())
          .startsWith("HTTP/1.1 101 ")
          .containsIgnoringCase("upgrade: websocket\r\n")
          .containsIgnoringCase("connection: upgrade\r\n")
          .contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      assertThat(client.next(11)).isEqualTo("first words");
    }
  }

  @ParameterizedTest
  @MethodSource("mutualTls")
  void bytesPassBothWaysUntilTheCallerCloses(boolean mutualTls) throws Exception {
    Promise<Void> closed = Promise.promise();
    begin(
        mutualTls,
        socket -> {
          socket.closeHandler(closed::tryComplete);
          switched(socket, bytes -> socket.write(Buffer.buffer("re:").appendBuffer(bytes)));
        });

    try (RawHttp client = new RawHttp(port)) {
      client.send(UPGRADE);
      client.head();
      for (int i = 10; i < 30; i++) {
        client.send("m" + i);
        assertThat(client.next(6)).isEqualTo("re:m" + i);
      }
    }

    await(closed.future());
  }

  @ParameterizedTest
  @MethodSource("mutualTls")
  void whatTheBackendSaidBeforeItClosesArrives(boolean mutualTls) throws Exception {
    begin(mutualTls, socket -> switched(socket, bytes -> socket.end(Buffer.buffer("last words"))));

    try (RawHttp client = new RawHttp(port)) {
      client.send(UPGRADE);
      client.head();
      client.send("bye");

      assertThat(client.rest()).isEqualTo("last words");
    }
  }

  @ParameterizedTest
  @MethodSource("mutualTls")
  void aCallerThatDoesNotReadStopsTheBackend(boolean mutualTls) throws Exception {
    AtomicLong written = new AtomicLong();
    begin(mutualTls, socket -> switched(socket, bytes -> pour(socket, PIECES, written)));

    try (RawHttp client = new RawHttp(port, KERNEL_BUFFER)) {
      client.send(UPGRADE);
      client.head();
      client.send("go");
      long stuckAt = settled(written);
      long read = 0;
      while (read < (long) PIECES * PIECE.length()) {
        read += client.next(1 << 20).length();
      }

      assertThat(stuckAt).isLessThan(ON_THE_WAY);
      assertThat(read).isEqualTo((long) PIECES * PIECE.length());
    }
  }

  @ParameterizedTest
  @MethodSource("mutualTls")
  void aBackendThatDoesNotReadStopsTheCaller(boolean mutualTls) throws Exception {
    Promise<NetSocket> waiting = Promise.promise();
    AtomicLong read = new AtomicLong();
    Promise<Void> all = Promise.promise();
    begin(
        mutualTls,
        socket ->
            switched(
                socket,
                bytes -> {
                  if (read.addAndGet(bytes.length()) == (long) PIECES * PIECE.length()) {
                    all.complete();
                  }
                  if (waiting.tryComplete(socket)) {
                    socket.pause();
                  }
                }));
    AtomicLong written = new AtomicLong();
    NetSocket caller =
        await(
            kept(vertx.createNetClient(new NetClientOptions().setSendBufferSize(KERNEL_BUFFER)))
                .connect(port, "127.0.0.1")
                .onSuccess(
                    socket -> { // on its own loop, so that it misses no drain
                      socket.handler(switched -> pour(socket, PIECES, written));
                      socket.write(UPGRADE);
                    }));

    await(waiting.future());
    long stuckAt = settled(written);
    waiting.future().result().resume();

    assertThat(stuckAt).isLessThan(ON_THE_WAY);
    await(all.future());
    await(caller.close());
  }

  @ParameterizedTest
  @MethodSource("mutualTls")
  void whoIsDeniedGetsTheAnswerAndMayAskAgain(boolean mutualTls) throws Exception {
    begin(
        mutualTls,
        socket ->
            socket.handler(
                request -> socket.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno")));

    try (RawHttp client = new RawHttp(port)) {
      for (int i = 0; i < 2; i++) {
        client.send(UPGRADE);
        assertThat(client.head()).startsWith("HTTP/1.1 403 ");
        assertThat(client.next(2)).isEqualTo("no");
      }
    }
  }

  /** Switches at the first bytes, and gives the others to {@code talk}. */
  private static void switched(NetSocket socket, Handler<Buffer> talk) {
    socket.handler(
        request -> {
          socket.handler(talk);
          socket.write(SWITCHED);
        });
  }

  /** A piece whenever the one before went; counts what went. */
  private void pour(WriteStream<Buffer> to, int pieces, AtomicLong written) {
    if (pieces > 0) {
      to.write(PIECE)
          .onSuccess(
              done -> {
                written.addAndGet(PIECE.length());
                vertx.runOnContext(next -> pour(to, pieces - 1, written));
              });
    }
  }

  private void begin(boolean mutualTls, Handler<NetSocket> talk) throws Exception {
    int backend =
        await(
                kept(vertx.createNetServer(narrow(mutualTls ? secured() : new NetServerOptions())))
                    .connectHandler(talk)
                    .listen(0, "127.0.0.1"))
            .actualPort();
    String entry = entry(backend);
    if (mutualTls) {
      Path identity = state.resolve("identity");
      authority.good("spiffe://cluster.local/ns/default/sa/edge").write(identity);
      flags.addAll(List.of("--identity", "dir:" + identity, "--service-account", "default/edge"));
      entry =
          entry
              .replace("spec:\n", "spec:\n  location: MESH_INTERNAL\n")
              .replace("labels:", "serviceAccount: backend, labels:");
    }
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry);
  }

  private static NetServerOptions narrow(NetServerOptions options) {
    options.setSendBufferSize(KERNEL_BUFFER).setReceiveBufferSize(KERNEL_BUFFER);
    return options;
  }

  private NetServerOptions secured() {
    Leaf leaf = authority.good("spiffe://cluster.local/ns/default/sa/backend");
    return new NetServerOptions()
        .setSsl(true)
        .setClientAuth(ClientAuth.REQUIRED)
        .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(authority.rootPem())))
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(leaf.certificate()))
                .addKeyValue(Buffer.buffer(leaf.key())));
  }
}
