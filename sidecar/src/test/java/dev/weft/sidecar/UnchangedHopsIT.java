package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests of HTTP/1.1 and their answers through two sidecars, in HTTP/1.1 and together in HTTP/2,
 * beside what was sent: byte by byte, but for the case of names, the order among fields of
 * different names, and what concerns one connection only (RFC 9110 section 7.6.1).
 */
@Timeout(120)
final class UnchangedHopsIT extends HopsFixture {

  private static final int MANY = 80; // of 100 fields that a request may have
  private static final String END = "\r\n\r\n"; // of a head
  private static final String OK = "HTTP/1.1 200 OK";
  private static final String CHUNKED = "Transfer-Encoding: chunked";
  private static final String IN_HTTP1 =
      "connectionPool: {http: {h2UpgradePolicy: DO_NOT_UPGRADE}}";
  private static final String TOGETHER = "connectionPool: {http: {h2UpgradePolicy: UPGRADE}}";
  private static final String LATIN = "ISO-8859-1";
  private static final String LARGE = "v".repeat(50_000);

  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private volatile String answer = "";

  /** A server that takes one request of a connection as it comes, up to the word END. */
  private int verbatim() throws Exception {
    return await(vertx.createNetServer().connectHandler(this::note).listen(0, "127.0.0.1"))
        .actualPort();
  }

  private void note(NetSocket socket) {
    StringBuilder text = new StringBuilder();
    socket.handler(
        bytes -> {
          text.append(bytes.toString(LATIN));
          if (whole(text.toString())) {
            String request = text.toString();
            text.setLength(0);
            seen.add(request);
            boolean head = request.startsWith("HEAD");
            socket.write(
                head ? answer.substring(0, answer.indexOf(END) + END.length()) : answer, LATIN);
          }
        });
  }

  private static boolean whole(String request) {
    return request.contains("END")
        && request.contains("\r\n\r\n")
        && (!request.contains("chunked") || request.endsWith("\r\n0\r\n\r\n"));
  }

  private static String request(String line, String... more) {
    return RawHttp.lines(line, "Host: " + HOST)
        + RawHttp.lines(more)
        + "X-Last: END\r\nConnection: close\r\n\r\n";
  }

  private static List<String> requests() {
    return List.of(
        request("GET /a/%7Eb;c=1?q=%20x&q=+&r HTTP/1.1", "x: 1"),
        request("REPORT /dav HTTP/1.1", "Depth: 0"),
        request("HEAD / HTTP/1.1", "x: 1"),
        request("OPTIONS * HTTP/1.1", "x: 1"),
        request("GET / HTTP/1.1", "X-Many: one", "x-many: two, three", "X-MANY: ", "x-empty:"),
        request("GET / HTTP/1.1", "Cookie: a=1; b=2", "Accept: */*", "TE: trailers"),
        request("GET / HTTP/1.1", "Cookie: a=1", "x: 1", "Cookie: b=2; c=3", "cookie: d"),
        request("GET / HTTP/1.1", "X-Latin: caf\u00e9 \u00ff", "a_b: ~!#$&'*+^`|"),
        request("GET / HTTP/1.1", "X-Large: " + LARGE),
        request("POST / HTTP/1.1", "Content-Length: 0"),
        request("PUT / HTTP/1.1", "x: 1"),
        request("GET / HTTP/1.1", "x: 1").replace(HOST, HOST.toUpperCase(Locale.ROOT) + ":80"),
        request("GET http://" + HOST + "/whole?a=/b HTTP/1.1", "x: 1"),
        request("GET / HTTP/1.1", "Cookie: a=1; b=2; c", "Accept: a", "Accept: b;q=0.1"),
        request("GET /?a=[1]&b={2}|3 HTTP/1.1", "X-Odd: \"a, b\\\"\";\tc=d : e ,,", "x:y: z"),
        request(
            "GET / HTTP/1.1", "X-Forwarded-Proto: https", "X-Forwarded-For: 10.0.0.1", "Via: a"),
        request("GET / HTTP/1.1", "TE: trailers, deflate;q=0.5", "Keep-Alive: timeout=5", "DNT: 1"),
        request(
            "GET / HTTP/1.1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "x!#$&: 1"),
        request("GET / HTTP/1.1", "Proxy-Connection: close", "X-Hop: 1", "Accept-Encoding: gzip"),
        request("GET / HTTP/1.1", many()),
        request("GET /of/1.0 HTTP/1.0", "x: 1"),
        body("GET", "Content-Length: 3") + "END",
        body("DELETE", "Content-Length: 3") + "END",
        body("POST", "Expect: 100-continue", "Content-Length: 3") + "END",
        body("POST", "Transfer-Encoding: chunked") + "3\r\nEND\r\n0\r\n\r\n",
        body("POST", "Transfer-Encoding: chunked", "Trailer: x-t", "TE: trailers")
            + "3;x=1\r\nEND\r\n0\r\nX-T: 1\r\n\r\n");
  }

  private static String[] many() {
    return IntStream.range(0, MANY).mapToObj(i -> "X-" + i + ": " + i).toArray(String[]::new);
  }

  private static String body(String method, String... head) {
    return RawHttp.lines(method + " /x HTTP/1.1", "Host: " + HOST)
        + RawHttp.lines(head)
        + "Connection: close\r\n\r\n";
  }

  private static String answer(String line, String body, String... head) {
    return RawHttp.lines(line) + RawHttp.lines(head) + "\r\n" + body;
  }

  private static List<String> answers() {
    return List.of(
        answer(OK, "ok", "content-length: 2", "x-a: caf\u00e9", "X-A: 2", "x-large: " + LARGE),
        answer(
            OK,
            "ok",
            "Set-Cookie: a=1; Path=/; Expires=Wed, 09 Jun 2032 10:18:14 GMT",
            "Content-Length: 2",
            "set-cookie: b=2; HttpOnly",
            "Vary: b, a",
            "SET-COOKIE: a=3",
            "vary: c",
            "X-Empty:",
            "x-odd: \"a, b\\\"\";\tc=d : e ,,"),
        answer(
            "HTTP/1.1 404 Not Found",
            "no",
            "Date: Tue, 15 Nov 1994 08:12:31 GMT",
            "Server: some/1.0 (of the service)",
            "Via: 1.0 fred",
            "Content-Type: text/plain;charset=\"utf-8\"",
            "X-Envoy-Upstream-Service-Time: 3",
            "Content-Length: 2"),
        answer(
            "HTTP/1.1 401 Unauthorized",
            "",
            "WWW-Authenticate: Basic realm=\"a\", Digest realm=\"b\"",
            "www-authenticate: Bearer",
            "Content-Length: 0"),
        answer(
            "HTTP/1.1 206 Partial Content",
            "ok",
            "Content-Range: bytes 1-2/5",
            "ETag: W/\"a\"",
            "Content-Encoding: gzip",
            "Content-Length: 2"),
        answer("HTTP/1.1 204 No Content", "", "x-a: 1"),
        answer("HTTP/1.1 304 Not Modified", "", "ETag: \"a\""),
        answer(
            "HTTP/1.1 302 Found", "", "Location: /%7Ea?b=\u00e9#c", "Content-Length: 0", "x: y: z"),
        answer(OK, "2;x=1\r\nok\r\n0\r\n\r\n", CHUNKED, "x: 1"),
        answer(
            OK,
            "2\r\nok\r\n1\r\n!\r\n0\r\nX-T: 1\r\nx-u: \u00e9\r\nX-T: 2, 3\r\n\r\n",
            "Trailer: x-t",
            CHUNKED),
        answer(OK, "ok", "Connection: x-hop, close", "X-Hop: 1", "x-b: 1", "Content-Length: 2"));
  }

  @ParameterizedTest
  @ValueSource(strings = {IN_HTTP1, TOGETHER})
  void theServiceReadsWhatWasAsked(String policy) throws Exception {
    open("HTTP", verbatim(), policy);
    answer = answers().get(0);
    for (String request : requests()) {
      String told = RawHttp.exchange(outbound, request);
      String came = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);

      assertThat(came).as(told).isNotNull();
      assertThat(HttpMessage.of(came).beside(HttpMessage.of(request)))
          .as(request)
          .isEqualTo(HttpMessage.of(request.replace("http://" + HOST, "")).onward());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {IN_HTTP1, TOGETHER})
  void theCallerReadsWhatWasAnswered(String policy) throws Exception {
    open("HTTP", verbatim(), policy);
    for (String given : answers()) {
      answer = given;

      String told = RawHttp.exchange(outbound, request("GET / HTTP/1.1", "x: 1"));

      assertThat(HttpMessage.of(told).onward()).as(given).isEqualTo(HttpMessage.of(given).onward());
    }
  }
}
