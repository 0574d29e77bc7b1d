package dev.weft.gateway;

import static dev.weft.gateway.StreamAttack.instead;
import static dev.weft.gateway.StreamAttack.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.NetServer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Requests of HTTP/2 in front of a backend that speaks HTTP/1.1: how they are written there. What
 * could become two is in {@link StreamAttacksIT}.
 */
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
}
