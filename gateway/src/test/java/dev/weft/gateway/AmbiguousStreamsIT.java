package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.gateway.RawHttp2.Frame;
import io.vertx.core.net.NetServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests of HTTP/2 in front of a backend that speaks HTTP/1.1: what could become two there. */
final class AmbiguousStreamsIT extends GatewayFixture {

  private static final Pattern LENGTH = Pattern.compile("content-length: (\\d+)");

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
                          String text = bytes.toString("ISO-8859-1");
                          if (whole(received.accumulateAndGet(text, String::concat))) {
                            socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                          }
                        }));
    int backend = await(kept(server).listen(0, "127.0.0.1")).actualPort();
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));
  }

  /** Whether a request has come to its end. */
  private static boolean whole(String request) {
    Matcher length = LENGTH.matcher(request);
    int body = request.indexOf("\r\n\r\n") + 4;
    if (request.contains("transfer-encoding: chunked")) {
      return request.endsWith("0\r\n\r\n");
    }
    return length.find()
        ? request.length() == body + Integer.parseInt(length.group(1))
        : request.length() == body;
  }

  static Stream<List<String>> refused() {
    return Stream.of(
        with("x-a", "1\r\nx-b: 2"),
        with("x-a", "1\0002"),
        with("x-a: 1\r\nx-b", "2"),
        with("X-A", "2"),
        with("x:a", "2"),
        with("x a", "2"),
        with("", "2"),
        with("transfer-encoding", "chunked"),
        with("connection", "close"),
        with("upgrade", "websocket"),
        with("te", "gzip"),
        with("content-length", "5"),
        with("host", "evil.test"),
        instead(":path", "/p HTTP/1.1"),
        instead(":path", "/p\r\nx: 1"),
        instead(":path", "p"),
        instead(":path", ""),
        instead(":path", "*"),
        instead(":path", "http://evil.test/p"),
        instead(":path", "/p?a=1 HTTP/1.1\r\nx: 1"),
        instead(":path", "/p?a=1 b"),
        instead(":method", "GET /x"),
        instead(":method", "GET / HTTP/1.1\r\nx: 1"),
        instead(":method", "CONNECT"),
        instead(":authority", "shop.test\r\nx: 1"),
        instead(":authority", "me@shop.test"),
        instead(":authority", "a/shop.test"),
        instead(":authority", ""));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefused(List<String> headers) throws Exception {
    try (RawHttp2 client = new RawHttp2(port)) {
      client.headers(1, true, headers.toArray(String[]::new));

      Frame answer = client.next();

      assertThat(answer.type()).isIn(RawHttp2.RESET, RawHttp2.GO_AWAY, RawHttp2.HEADERS);
      if (answer.type() == RawHttp2.HEADERS) {
        assertThat(answer.text()).contains(":status: 400");
      }
    }
    assertThat(text("/good")).isEqualTo("ok");
    assertThat(received.get()).startsWith("GET /good ").containsOnlyOnce("HTTP/1.1");
  }

  @Test
  void aBodyOfAnotherLengthThanAnnouncedNeverEndsUpstream() throws Exception {
    for (String body : List.of("abc", "abcdefghij")) {
      received.set("");
      try (RawHttp2 client = new RawHttp2(port)) {
        client.headers(1, false, with("content-length", "5").toArray(String[]::new));
        client.data(1, true, body);

        assertThat(client.next().type()).isEqualTo(RawHttp2.RESET);
      }
      assertThat(received.get()).doesNotEndWith("abc").doesNotContain("abcde");
    }
  }

  @Test
  void aBodyIsABodyWhateverTheMethodAndWithoutALength() throws Exception {
    for (String method : List.of("GET", "DELETE", "POST")) {
      received.set("");
      try (RawHttp2 client = new RawHttp2(port)) {
        client.headers(1, false, instead(":method", method).toArray(String[]::new));
        client.data(1, true, "hello");

        assertThat(client.next().text()).contains(":status: 200");
      }
      assertThat(received.get())
          .startsWith(method + " /p HTTP/1.1\r\n")
          .endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    }
  }

  @Test
  void withoutABodyNoneIsAnnounced() throws Exception {
    for (String method : List.of("GET", "DELETE", "POST")) {
      received.set("");
      try (RawHttp2 client = new RawHttp2(port)) {
        client.headers(1, true, instead(":method", method).toArray(String[]::new));

        assertThat(client.next().text()).contains(":status: 200");
      }
      assertThat(received.get())
          .startsWith(method + " /p HTTP/1.1\r\n")
          .doesNotContain("transfer-encoding")
          .endsWith("\r\n\r\n");
      assertThat(received.get().contains("content-length: 0")).isEqualTo(method.equals("POST"));
    }
  }

  @Test
  void crumbsOfACookieAreOneCookieUpstream() throws Exception {
    try (RawHttp2 client = new RawHttp2(port)) {
      client.headers(1, true, with("cookie", "a=1", "cookie", "b=2").toArray(String[]::new));

      assertThat(client.next().text()).contains(":status: 200");
    }
    assertThat(received.get()).contains("cookie: a=1; b=2\r\n");
  }

  private static List<String> with(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(":method", "GET", ":path", "/p", ":scheme", "http", ":authority", "shop.test"));
    all.addAll(List.of(more));
    return all;
  }

  private static List<String> instead(String name, String value) {
    List<String> all = with();
    all.set(all.indexOf(name) + 1, value);
    return all;
  }
}
