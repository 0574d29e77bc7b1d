package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an upgrade travels on between proxies whose requests agree on HTTP/2. */
@Timeout(60)
final class UpgradedHopsIT extends HopsFixture {

  private static final String GET = RawHttp.lines("GET /plain HTTP/1.1", "Host: " + HOST, "");
  private static final String UPGRADE =
      RawHttp.lines(
          "GET /chat HTTP/1.1",
          "Host: " + HOST,
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "");
  private static final String TEXT = "\u0081\u0085\0\0\0\0there"; // a frame under a mask of zeros
  private static final String ECHO = "\u0081\u0005there";

  private final Queue<String> seen = new ConcurrentLinkedQueue<>();

  @Test
  void itHasAConnectionOfHttp1OfItsOwnAndRequestsGoOnOverHttp2() throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setUseAlpn(true)
            .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
            .setClientAuth(ClientAuth.REQUIRED);
    options.setKeyCertOptions(pem(mesh.good(SEARCH))).setTrustOptions(roots());
    int callee =
        await(vertx.createHttpServer(options).requestHandler(this::answer).listen(0, "127.0.0.1"))
            .actualPort();
    openBefore(callee, "HTTP", "");

    try (RawHttp plain = new RawHttp(outbound);
        RawHttp upgrade = new RawHttp(outbound)) {
      plain.send(GET);
      assertThat(plain.head()).startsWith("HTTP/1.1 200 ");
      upgrade.send(UPGRADE);
      assertThat(upgrade.head()).startsWith("HTTP/1.1 101 ");
      upgrade.send(TEXT);
      assertThat(upgrade.next(ECHO.length())).isEqualTo(ECHO);
      plain.send(GET);
      assertThat(plain.head()).startsWith("HTTP/1.1 200 ");
    }

    assertThat(seen).containsExactly("/plain HTTP_2", "/chat HTTP_1_1", "/plain HTTP_2");
  }

  /** With what the handshake agreed on: a server in TLS speaks HTTP/2 by ALPN alone. */
  private void answer(HttpServerRequest request) {
    seen.add(request.path() + " " + request.version());
    if (request.path().equals("/chat")) {
      request
          .toWebSocket()
          .onSuccess(socket -> socket.textMessageHandler(socket::writeTextMessage));
    } else {
      request.response().end();
    }
  }
}
