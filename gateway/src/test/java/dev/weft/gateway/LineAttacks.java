package dev.weft.gateway;

import static dev.weft.gateway.Attack.GET;
import static dev.weft.gateway.Attack.HELLO;
import static dev.weft.gateway.Attack.LAST;
import static dev.weft.gateway.Attack.POST;
import static dev.weft.gateway.Attack.dropped;
import static dev.weft.gateway.Attack.got;
import static dev.weft.gateway.Attack.passes;
import static dev.weft.gateway.Attack.posted;
import static dev.weft.gateway.Attack.refused;

import java.util.stream.Stream;

/** Lines, names and values of a head, and what several requests say of each other. */
final class LineAttacks {

  private LineAttacks() {}

  static Stream<Attack> all() {
    return Stream.of(lines(), values(), connections(), upgrades()).flatMap(each -> each);
  }

  private static Attack line(String name, String line) {
    return refused(name, POST + line + "\r\n" + HELLO);
  }

  private static Stream<Attack> lines() {
    return Stream.of(
        refused(
            "all lines end in LF", (POST + LAST + "Content-Length: 5\n\nhello").replace("\r", "")),
        refused("the empty line is LF", POST + "Content-Length: 5\r\n\nhello"),
        refused("the first line ends in LF", POST.replaceFirst("\r", "") + HELLO),
        refused("the first line ends in CR", POST.replaceFirst("\n", "") + HELLO),
        refused("a line ends in CR CR LF", POST + "X: y\r\r\n" + HELLO),
        line("a line without a colon", "foo"),
        line("a line without a name", ": foo"),
        line("a line of a colon", ":"),
        line("a name of a space", " : foo"),
        line("a name with brackets", "foo(): foo"),
        line("a name with a comma", "a,b: foo"),
        line("a name with a semicolon", "a;b: foo"),
        line("a name with an at", "a@b: foo"),
        line("a name with a backslash", "a\\b: foo"),
        line("a name with braces", "{a}: foo"),
        line("a name with NUL", "X\000A: foo"),
        line("a name with a control character", "X\001A: foo"),
        line("a name with DEL", "X\177A: foo"),
        line("a name with an escape", "X\033A: foo"),
        line("a name beyond ASCII", "X\351: foo"),
        line("a name of UTF-8", "X\303\251: foo"),
        line("a name with a tab", "X\tA: foo"),
        line("a name with a space behind", "X : foo"),
        line("a name with an underscore", "X_A: foo"),
        line("a forged address with an underscore", "X_Forwarded_For: 1.2.3.4"),
        refused(
            "the first line of a head is folded",
            "POST /p HTTP/1.1\r\n X: 1\r\nHost: shop.test\r\n" + HELLO),
        refused(
            "the first line of a head is folded by a tab",
            "POST /p HTTP/1.1\r\n\tHost: shop.test\r\n" + HELLO),
        refused("a first line over two", "POST /p\r\n HTTP/1.1\r\nHost: shop.test\r\n" + HELLO));
  }

  private static Stream<Attack> values() {
    return Stream.of(
        line("a value with NUL", "X: a\000b"),
        line("a value with a control character", "X: a\001b"),
        line("a value with a backspace", "X: a\010b"),
        line("a value with ESC", "X: a\033[2Jb"),
        line("a value with DEL", "X: a\177b"),
        line("a value with a vertical tab", "X: a\013b"),
        line("a value with a bare CR", "X: a\rb"),
        line("a value with a bare LF", "X: a\nb: c"),
        line("a value of NUL alone", "X: \000"),
        refused("a head too large", GET + "X: " + "a".repeat(100_000) + "\r\n\r\n", 431),
        refused("too many lines", GET + "X: y\r\n".repeat(20_000) + "\r\n", 431),
        line("a folded value", "X: a\r\n b"),
        line("a folded value, by a tab", "X: a\r\n\tb"),
        line("a folded value of nothing", "X: a\r\n \r\nY: b"),
        line("a value that begins folded", "X:\r\n a"),
        refused("the last line of a head is folded", GET + "X: a\r\n \r\n\r\n"),
        refused("a host that is folded", "GET /p HTTP/1.1\r\nHost:\r\n shop.test\r\n\r\n"),
        passes("a value with a tab", POST + LAST + "X: a\tb\r\n" + HELLO, posted("X: a\tb\r\n")),
        passes(
            "a value beyond ASCII",
            POST + LAST + "X: \351\303\251\r\n" + HELLO,
            posted("X: \351\303\251\r\n")),
        passes(
            "a value with colons",
            POST + LAST + "X: Host: evil.test\r\n" + HELLO,
            posted("X: Host: evil.test\r\n")),
        passes("a value of nothing", POST + LAST + "X:\r\n" + HELLO, posted("X: \r\n")));
  }

  /** What Connection names, and what comes on a connection after it should have ended. */
  private static Stream<Attack> connections() {
    String close = "Connection: close, ";
    return Stream.of(
        passes(
            "Connection names a length", POST + close + "content-length\r\n" + HELLO, posted("")),
        passes("Connection names the host", POST + close + "Host\r\n" + HELLO, posted("")),
        passes(
            "Connection names who calls",
            POST + close + "x-forwarded-for, X-Forwarded-Proto, x-request-id\r\n" + HELLO,
            posted("")),
        passes(
            "Connection names credentials",
            POST + close + "authorization, cookie\r\nAuthorization: a\r\nCookie: b\r\n" + HELLO,
            posted("")),
        passes(
            "Connection names what is not there",
            POST + close + "x-a, x-b,,\r\n" + HELLO,
            posted("")),
        passes(
            "Connection names a header with blanks",
            POST + close + " \tx-a\t \r\nX-A: b\r\n" + HELLO,
            posted("")),
        passes(
            "two lines of Connection",
            POST + LAST + "Connection: x-a\r\nX-A: b\r\n" + HELLO,
            posted("")),
        passes(
            "headers of one connection",
            POST
                + LAST
                + "Keep-Alive: a\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: a\r\n"
                + "Proxy-Authenticate: a\r\nTrailer: a\r\nHTTP2-Settings: a\r\nUpgrade: a\r\n"
                + HELLO,
            posted("")),
        passes("a request behind the last one", GET + LAST + "\r\n", got("/p")),
        passes(
            "a request behind the last one of HTTP/1.0",
            GET.replace("/1.1", "/1.0") + "\r\n",
            got("/p")),
        dropped("empty lines before a request", "\r\n\r\n" + GET + LAST + "\r\n"),
        dropped("LF before a request", "\n" + GET + LAST + "\r\n"),
        dropped("NUL before a request", "\0" + GET + LAST + "\r\n"),
        dropped("a space before a request", " " + GET + LAST + "\r\n"),
        dropped("a letter in small before a request", "x" + GET + LAST + "\r\n"),
        dropped("a request of HTTP/2 behind an empty line", "\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        passes(
            "an expectation of rubbish", POST + LAST + "Expect: rubbish\r\n" + HELLO, posted("")),
        passes(
            "an expectation twice",
            POST + LAST + "Expect: 100-continue\r\nExpect: x\r\n" + HELLO,
            posted("")));
  }

  private static Stream<Attack> upgrades() {
    String h2c = "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n";
    String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    String version = "Sec-WebSocket-Version: 13\r\n";
    String socket = "Upgrade: websocket\r\n" + key;
    String asked = got("/p").replace("host:", key + version + "host:");
    return Stream.of(
        passes(
            "an upgrade to HTTP/2",
            GET + "Connection: close, Upgrade, HTTP2-Settings\r\n" + h2c + "\r\n",
            got("/p")),
        passes(
            "an upgrade to HTTP/2 that Connection does not name",
            GET + LAST + h2c + "\r\n",
            got("/p")),
        passes(
            "an upgrade to HTTP/2 with a body",
            POST + "Connection: close, Upgrade, HTTP2-Settings\r\n" + h2c + HELLO,
            posted("")),
        passes(
            "an upgrade to TLS",
            GET + "Connection: close, Upgrade\r\nUpgrade: TLS/1.0\r\n\r\n",
            got("/p")),
        passes(
            "a WebSocket with a body",
            GET + "Connection: close, Upgrade\r\n" + socket + version + HELLO,
            posted(key + version).replace("POST", "GET")),
        passes(
            "a WebSocket by POST",
            POST + "Connection: close, Upgrade\r\n" + socket + version + HELLO,
            posted(key + version)),
        passes(
            "a WebSocket in HTTP/1.0",
            GET.replace("/1.1", "/1.0") + "Connection: Upgrade\r\n" + socket + version + "\r\n",
            asked),
        passes(
            "a WebSocket that Connection does not name",
            GET + LAST + socket + version + "\r\n",
            asked),
        passes(
            "a WebSocket that no server agrees to",
            GET + "Connection: close, Upgrade\r\n" + socket + "Sec-WebSocket-Version: 777\r\n\r\n",
            asked
                .replace("13", "777")
                .replace("test\r\n", "test\r\nconnection: Upgrade\r\nupgrade: websocket\r\n")),
        passes(
            "a WebSocket among others",
            GET
                + "Connection: close, Upgrade\r\n"
                + socket.replace("websocket", "websocket, h2c")
                + version
                + "\r\n",
            asked));
  }
}
