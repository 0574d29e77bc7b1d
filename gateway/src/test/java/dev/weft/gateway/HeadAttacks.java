package dev.weft.gateway;

import static dev.weft.gateway.StreamAttack.PROTOCOL;
import static dev.weft.gateway.StreamAttack.data;
import static dev.weft.gateway.StreamAttack.head;
import static dev.weft.gateway.StreamAttack.instead;
import static dev.weft.gateway.StreamAttack.malformed;
import static dev.weft.gateway.StreamAttack.posted;
import static dev.weft.gateway.StreamAttack.served;
import static dev.weft.gateway.StreamAttack.stream;
import static dev.weft.gateway.StreamAttack.with;
import static dev.weft.gateway.StreamAttack.without;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What could become two requests, or another one, in HTTP/1.1. RFC 9113 section 8. */
final class HeadAttacks {

  private HeadAttacks() {}

  static Stream<StreamAttack> all() {
    return Stream.of(fields(), connections(), lengths(), pseudo(), values(), trailers(), plain())
        .flatMap(each -> each);
  }

  private static StreamAttack field(String what, String name, String value) {
    return malformed(what, with(name, value));
  }

  private static Stream<StreamAttack> fields() {
    return Stream.of(
        field("a value with CR LF", "x-a", "1\r\nx-b: 2"),
        field("a value with an empty line", "x-a", "1\r\n\r\nGET /x HTTP/1.1\r\n\r\n"),
        field("a value with LF", "x-a", "1\nx-b: 2"),
        field("a value with CR", "x-a", "1\rx-b: 2"),
        field("a value with NUL", "x-a", "1\0002"),
        field("a value that begins with a space", "x-a", " 1"),
        field("a value with DEL", "x-a", "1\177"),
        field("a value with ESC", "x-a", "1\033[2J"),
        field("a name that is a line", "x-a: 1\r\nx-b", "2"),
        field("a name in capitals", "X-A", "2"),
        field("a name with one capital", "x-aB", "2"),
        field("a name with a colon", "x:a", "2"),
        field("a name that ends with a colon", "x-a:", "2"),
        field("a name with a space", "x a", "2"),
        field("a name with a space behind", "x-a ", "2"),
        field("a name with a tab", "x\ta", "2"),
        field("a name with LF", "x\na", "2"),
        field("a name with NUL", "x\000a", "2"),
        field("a name with DEL", "x\177a", "2"),
        field("a name beyond ASCII", "x\351", "2"),
        field("a name with a bracket", "x(a", "2"),
        field("a name with an underscore", "x_a", "2"),
        field("no name", "", "2"));
  }

  private static Stream<StreamAttack> connections() {
    return Stream.of(
        field("Transfer-Encoding: chunked", "transfer-encoding", "chunked"),
        field("Transfer-Encoding: identity", "transfer-encoding", "identity"),
        field("Connection: close", "connection", "close"),
        field("Connection that names a header", "connection", "x-forwarded-for"),
        field("Upgrade to a WebSocket", "upgrade", "websocket"),
        field("Upgrade to HTTP/2", "upgrade", "h2c"),
        field("Keep-Alive", "keep-alive", "timeout=5"),
        field("Proxy-Connection", "proxy-connection", "close"),
        field("TE: gzip", "te", "gzip"),
        field("TE: trailers, chunked", "te", "trailers, chunked"),
        field("a Host that is another", "host", "evil.test"),
        malformed("two Hosts", with("host", "shop.test", "host", "evil.test")),
        field("a Host with a path", "host", "shop.test/x"));
  }

  private static StreamAttack length(String what, String length, String body) {
    return stream(
        what, PROTOCOL, head(1, false, posted("content-length", length)), data(1, true, body));
  }

  private static Stream<StreamAttack> lengths() {
    return Stream.of(
        field("a length of a head that ends", "content-length", "5"),
        length("a length of nothing", "", "hello"),
        length("a length with a plus", "+5", "hello"),
        length("a length with a minus", "-5", "hello"),
        length("a length in hexadecimal", "0x5", "hello"),
        length("a list of two lengths", "5, 6", "hello"),
        length("a length of 2^64 + 5", "18446744073709551621", "hello"),
        length("a length of zero before a body", "0", "hello"),
        stream(
            "two lengths",
            PROTOCOL,
            head(1, false, posted("content-length", "5", "content-length", "6")),
            data(1, true, "hello")));
  }

  private static StreamAttack other(String what, String name, String value) {
    return malformed(what, instead(name, value));
  }

  private static Stream<StreamAttack> pseudo() {
    List<String> late = new ArrayList<>(List.of("x-a", "1"));
    late.addAll(with());
    return Stream.of(
        malformed("a regular header before those with colons", late),
        malformed("a path twice", with(":path", "/x")),
        malformed("a method twice", with(":method", "POST")),
        malformed("an authority twice", with(":authority", "evil.test")),
        malformed("a scheme twice", with(":scheme", "https")),
        malformed("a status of a request", with(":status", "200")),
        malformed("a header with a colon that nobody knows", with(":x", "1")),
        malformed("a colon alone", with(":", "1")),
        malformed("a protocol that is not offered", with(":protocol", "websocket")),
        malformed("no method", without(":method")),
        malformed("no path", without(":path")),
        malformed("no scheme", without(":scheme")),
        malformed("neither authority nor Host", without(":authority")),
        other("an empty method", ":method", ""),
        other("an empty path", ":path", ""),
        other("an empty scheme", ":scheme", ""),
        other("an empty authority", ":authority", ""));
  }

  private static Stream<StreamAttack> values() {
    return Stream.of(
        other("a path that is a line", ":path", "/p HTTP/1.1"),
        other("a path with CR LF", ":path", "/p\r\nx: 1"),
        other("a path with a head", ":path", "/p HTTP/1.1\r\nHost: evil.test\r\n\r\nGET /x"),
        other("a path with a tab", ":path", "/p\tx"),
        other("a path with NUL", ":path", "/p\000"),
        other("a path with DEL", ":path", "/p\177"),
        other("a path with a fragment", ":path", "/p#x"),
        other("a path with %00", ":path", "/p%00"),
        other("a path with a broken percent sign", ":path", "/p%zz"),
        other("a path without a slash", ":path", "p"),
        other("a path with a backslash first", ":path", "\\p"),
        other("an asterisk that is no OPTIONS", ":path", "*"),
        other("a path that is a URL", ":path", "http://evil.test/p"),
        other("a query that is a line", ":path", "/p?a=1 HTTP/1.1\r\nx: 1"),
        other("a query with a space", ":path", "/p?a=1 b"),
        other("a method that is a line", ":method", "GET /x"),
        other("a method with a head", ":method", "GET / HTTP/1.1\r\nx: 1"),
        other("a method with a space", ":method", " GET"),
        other("a method with a slash", ":method", "GE/T"),
        other("a method with a bracket", ":method", "GET("),
        other("CONNECT with a path", ":method", "CONNECT"),
        malformed("CONNECT", List.of(":method", "CONNECT", ":authority", "shop.test:443")),
        malformed("CONNECT without an authority", List.of(":method", "CONNECT")),
        malformed(
            "CONNECT of a protocol",
            List.of(
                ":method",
                "CONNECT",
                ":protocol",
                "websocket",
                ":scheme",
                "http",
                ":path",
                "/p",
                ":authority",
                "shop.test")),
        other("TRACE", ":method", "TRACE"),
        other("an authority with CR LF", ":authority", "shop.test\r\nx: 1"),
        other("an authority with a user", ":authority", "me@shop.test"),
        other("an authority with a path", ":authority", "a/shop.test"),
        other("an authority with a list", ":authority", "shop.test,evil.test"),
        other("an authority with a space", ":authority", "shop.test evil.test"),
        other("an authority with two ports", ":authority", "shop.test:80:80"),
        other("an authority whose port is none", ":authority", "shop.test:x"),
        other("an authority whose port is too large", ":authority", "shop.test:65536"),
        other("an authority of half a bracket", ":authority", "[shop.test"),
        other("a scheme with CR LF", ":scheme", "http\r\nx: 1"),
        other("a scheme that is a URL", ":scheme", "http://evil.test/?"),
        other("a scheme with a space", ":scheme", "http x"),
        other("a scheme that nobody speaks", ":scheme", "ftp"));
  }

  private static StreamAttack trailer(String what, String... trailers) {
    return stream(
        what,
        PROTOCOL,
        head(1, false, posted()),
        data(1, false, "hello"),
        head(1, true, List.of(trailers)));
  }

  private static Stream<StreamAttack> trailers() {
    return Stream.of(
        trailer("a path among trailers", ":path", "/x"),
        trailer("a status among trailers", ":status", "200"),
        trailer("a coding among trailers", "transfer-encoding", "chunked"),
        trailer("a trailer with CR LF", "x-a", "1\r\nx-b: 2"),
        trailer("a trailer in capitals", "X-A", "1"),
        stream(
            "trailers that do not end",
            PROTOCOL,
            head(1, false, posted()),
            data(1, false, "hello"),
            head(1, false, List.of("x-a", "1"))));
  }

  private static String got(String more) {
    return "GET /p HTTP/1.1\r\n" + more + "host: shop.test\r\n\r\n";
  }

  private static Stream<StreamAttack> plain() {
    String chunks = Attack.POSTED_CHUNKS;
    return Stream.of(
        served("a plain request", got(""), head(1, true, with())),
        served(
            "one length twice is one length",
            "POST /p HTTP/1.1\r\ncontent-length: 5\r\nhost: shop.test\r\n\r\nhello",
            head(1, false, posted("content-length", "5, 5")),
            data(1, true, "hello")),
        served(
            "a value that ends with a space", got("x-a: 1 \r\n"), head(1, true, with("x-a", "1 "))),
        served("TE: trailers", got("te: trailers\r\n"), head(1, true, with("te", "trailers"))),
        served(
            "a cookie in crumbs",
            got("cookie: a=1; b=2\r\n"),
            head(1, true, with("cookie", "a=1", "cookie", "b=2"))),
        served("a Host that agrees", got(""), head(1, true, with("host", "shop.test"))),
        served("a Host alone", got(""), head(1, true, without(":authority", "host", "shop.test"))),
        served("HTTP2-Settings", got(""), head(1, true, with("http2-settings", "AAMAAABk"))),
        served(
            "what only a proxy may say",
            got(""),
            head(1, true, with("x-forwarded-for", "1.2.3.4", "forwarded", "for=1.2.3.4"))),
        served("a body without a length", chunks, head(1, false, posted()), data(1, true, "hello")),
        served(
            "a body with a length",
            "POST /p HTTP/1.1\r\ncontent-length: 5\r\nhost: shop.test\r\n\r\nhello",
            head(1, false, posted("content-length", "5")),
            data(1, true, "hello")),
        served(
            "trailers that are lengths",
            chunks,
            head(1, false, posted()),
            data(1, false, "hello"),
            head(1, true, List.of("content-length", "3"))),
        served(
            "trailers that are hosts",
            chunks,
            head(1, false, posted()),
            data(1, false, "hello"),
            head(1, true, List.of("host", "evil.test"))),
        served(
            "two slashes that look like a host",
            got("").replace("/p", "/evil.test/p"),
            head(1, true, instead(":path", "//evil.test/p"))));
  }
}
