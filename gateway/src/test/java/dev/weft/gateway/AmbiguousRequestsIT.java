package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Requests that two servers could read differently never go on as they came: they are refused
 * ({@link RequestAttacksIT}), or written anew so that there is one way to read them.
 */
final class AmbiguousRequestsIT extends GatewayFixture {

  private static final String HEAD = "POST /p HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n";
  private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";
  private static final String BODY = "Content-Length: 5\r\n\r\nhello";
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";

  private final AtomicReference<String> received = new AtomicReference<>("");

  @BeforeEach
  void start() throws Exception {
    NetServer server =
        vertx
            .createNetServer()
            .connectHandler(
                socket ->
                    socket.handler(
                        bytes -> {
                          received.accumulateAndGet(bytes.toString("ISO-8859-1"), String::concat);
                          if (whole(received.get())) {
                            socket.end(Buffer.buffer(ANSWER));
                          }
                        }));
    int backend = await(kept(server).listen(0, "127.0.0.1")).actualPort();
    String everywhere = rules("{route: [{destination: {host: backend.test}}]}");
    gateway(everywhere.replace("[shop.test]", "['*.test']"), entry(backend));
  }

  private static boolean whole(String text) {
    return text.endsWith("hello")
        || text.endsWith("\r\n0\r\n\r\n")
        || text.contains("content-length: 0\r\n");
  }

  @Test
  void whatMayBeReadInOneWayOnlyIsWrittenInThatWay() throws Exception {
    assertThat(forwarded(CHUNKED + "5;a=b\r\nhello\r\n0\r\nx-t: 1\r\n\r\n"))
        .as("extensions and trailers of a request stay behind")
        .endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    assertThat(forwarded(HEAD.replace("/p", "http://shop.test:80/p") + BODY))
        .startsWith("POST /p HTTP/1.1\r\n")
        .contains("host: shop.test:80\r\n");
    assertThat(forwarded(HEAD.replace("/p", "/caf\u00e9?\u00e9") + BODY))
        .startsWith("POST /caf%E9?%E9 HTTP/1.1\r\n");
    assertThat(forwarded(HEAD + "\r\n")).contains("content-length: 0\r\n");
  }

  @Test
  void aConnectionHeaderTakesAwayNothingThatSaysWhereTheBodyEnds() throws Exception {
    assertThat(forwarded(HEAD + "Connection: content-length, x-a\r\nX-A: 1\r\n" + BODY))
        .contains("Content-Length: 5\r\n")
        .doesNotContainIgnoringCase("x-a")
        .endsWith("\r\n\r\nhello");
  }

  @Test
  void anUpgradeWithABodyIsARequestWithABody() throws Exception {
    String bytes =
        "GET /p HTTP/1.1\r\nHost: shop.test\r\nUpgrade: websocket\r\n"
            + "Connection: close, Upgrade\r\n"
            + BODY;

    assertThat(forwarded(bytes)).doesNotContainIgnoringCase("upgrade").endsWith("\r\n\r\nhello");
  }

  private String forwarded(String bytes) throws IOException {
    received.set("");
    assertThat(RawHttp.exchange(port, bytes)).startsWith("HTTP/1.1 200 OK");
    return received.get();
  }
}
