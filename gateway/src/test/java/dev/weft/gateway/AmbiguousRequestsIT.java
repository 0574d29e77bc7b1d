package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that two servers could read differently never go on as they came: they are refused, or
 * written anew so that there is one way to read them.
 */
final class AmbiguousRequestsIT extends GatewayFixture {

  private static final String HEAD = "POST /p HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n";
  private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";
  private static final String BODY = "Content-Length: 5\r\n\r\nhello";
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
  private static final String CHUNKS = "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";

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

  static Stream<String> refused() {
    return Stream.of(
        // two lengths
        HEAD
            + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n",
        HEAD + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        HEAD + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        HEAD + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        HEAD + "Content-Length: 5, 5\r\n\r\nhello",
        // lengths that are none
        HEAD + "Content-Length: +5\r\n\r\nhello",
        HEAD + "Content-Length: -5\r\n\r\nhello",
        HEAD + "Content-Length: 0x5\r\n\r\nhello",
        HEAD + "Content-Length: \r\n\r\nhello",
        HEAD + "Content-Length:\r\n 5\r\n\r\nhello",
        // codings that are not understood, and such as hide
        HEAD + "Transfer-Encoding: xchunked" + CHUNKS,
        HEAD + "Transfer-Encoding: identity" + CHUNKS,
        HEAD + "Transfer-Encoding: gzip, chunked" + CHUNKS,
        HEAD + "Transfer-Encoding: chunked, identity" + CHUNKS,
        HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked" + CHUNKS,
        HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity" + CHUNKS,
        HEAD + "Transfer-Encoding: \u000bchunked" + CHUNKS,
        HEAD + "Transfer-Encoding:\r\n chunked" + CHUNKS,
        HEAD + "Transfer-Encoding : chunked" + CHUNKS,
        HEAD.replace("/1.1", "/1.0") + "Transfer-Encoding: chunked" + CHUNKS,
        // lines
        HEAD.replace("\r", "") + "Content-Length: 5\n\nhello",
        HEAD + "X-A: 1\nX-B: 2\r\n" + BODY,
        HEAD + "Content-Length: 5\r\n\nhello",
        HEAD + "X-A: 1\rX-B: 2\r\n" + BODY,
        HEAD + "Content-Length : 5\r\n\r\nhello",
        HEAD + "foo\r\n" + BODY,
        HEAD + ": foo\r\n" + BODY,
        HEAD + "foo(): foo\r\n" + BODY,
        "POST /p HTTP/1.1\r\n X: 1\r\nHost: shop.test\r\n" + BODY,
        HEAD + "X-A: 1\0002\r\n" + BODY,
        HEAD + "X\000A: 2\r\n" + BODY,
        HEAD + "X-A: 1\0012\r\n" + BODY,
        // first lines
        HEAD.replace("/p HTTP", "/p x HTTP") + BODY,
        HEAD.replace("HTTP/1.1", "HTTP/1.2") + BODY,
        HEAD.replace("HTTP/1.1", "HTTP/2.0") + BODY,
        "GET /p\r\n\r\n",
        HEAD.replace("/p", "/p#x") + BODY,
        HEAD.replace("/p", "/p?a\001b") + BODY,
        HEAD.replace("/p", "p") + BODY,
        "CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n",
        // hosts
        HEAD.replace("Host: shop.test\r\n", "") + BODY,
        HEAD + "Host: evil.test\r\n" + BODY,
        HEAD + "Host: shop.test\r\n" + BODY,
        HEAD.replace("shop.test", "a b.test") + BODY,
        HEAD.replace("shop.test", "a/b.test") + BODY,
        HEAD.replace("shop.test", "me@b.test") + BODY,
        HEAD.replace("shop.test", "a.test,b.test") + BODY);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefused(String bytes) throws Exception {
    String answer = RawHttp.exchange(port, bytes);

    assertThat(answer).containsPattern("^HTTP/(1\\.[012]|2\\.0) 400 ");
    assertThat(answer.indexOf("HTTP/", 1)).as("one answer alone").isNegative();
    assertThat(RawHttp.exchange(port, HEAD + BODY)).startsWith("HTTP/1.1 200 OK");
    assertThat(received.get()).as("the good one alone").containsOnlyOnce("HTTP/1.1");
  }

  static Stream<String> badChunks() {
    return Stream.of(
        "G\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        " 5 \r\nhello\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFF5\r\nhello\r\n0\r\n\r\n",
        "100000005\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhelloXX0\r\n\r\n",
        "5\r\nhello\r\n0\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n");
  }

  @ParameterizedTest
  @MethodSource("badChunks")
  void isCut(String chunks) throws Exception {
    assertThat(RawHttp.exchange(port, CHUNKED + chunks)).doesNotContain("200 OK");

    assertThat(received.get()).as("never a whole request").doesNotContain("\r\n0\r\n\r\n");
  }

  @Test
  void whatMayBeReadInOneWayOnlyIsWrittenInThatWay() throws Exception {
    assertThat(forwarded(HEAD + "X-A: 1\r\n 2\r\n" + BODY)).contains("X-A: 1 2\r\n");
    assertThat(forwarded(CHUNKED + "5;a=b\r\nhello\r\n0\r\nx-t: 1\r\n\r\n"))
        .as("extensions and trailers of a request stay behind")
        .endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    assertThat(forwarded(HEAD.replace("/p", "http://other.test/p") + BODY))
        .startsWith("POST /p HTTP/1.1\r\n")
        .contains("host: other.test\r\n")
        .doesNotContain("shop.test");
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
