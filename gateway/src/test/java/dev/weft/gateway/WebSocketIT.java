package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A connection that was upgraded passes bytes both ways, in plaintext and over mTLS upstream. */
final class WebSocketIT extends WebSocketFixture {

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
  void whatWasSaidEachWayIsCounted(boolean mutualTls) throws Exception {
    Path log = state.resolve("access.log");
    accessLog = log.toString();
    begin(mutualTls, socket -> switched(socket, bytes -> socket.end(Buffer.buffer("last words"))));

    try (RawHttp client = new RawHttp(port)) {
      client.send(UPGRADE);
      client.head();
      client.send("bye");
      assertThat(client.rest()).isEqualTo("last words");
    }

    for (int i = 0; i < 1500 && (Files.notExists(log) || Files.size(log) == 0); i++) {
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    }
    assertThat(Files.readString(log))
        .contains("\"status\":101,", "\"bytes_in\":3,", "\"bytes_out\":10,");
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

  private void begin(boolean mutualTls, Handler<NetSocket> talk) throws Exception {
    NetServerOptions options = mutualTls ? secured() : new NetServerOptions();
    int backend =
        await(kept(vertx.createNetServer(options)).connectHandler(talk).listen(0, "127.0.0.1"))
            .actualPort();
    gateway(mutualTls, backend);
  }

  private NetServerOptions secured() {
    return new NetServerOptions()
        .setSsl(true)
        .setClientAuth(ClientAuth.REQUIRED)
        .setTrustOptions(trusted())
        .setKeyCertOptions(shown());
  }
}
