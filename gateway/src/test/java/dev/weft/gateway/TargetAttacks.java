package dev.weft.gateway;

import static dev.weft.gateway.Attack.GET;
import static dev.weft.gateway.Attack.HELLO;
import static dev.weft.gateway.Attack.LAST;
import static dev.weft.gateway.Attack.POST;
import static dev.weft.gateway.Attack.got;
import static dev.weft.gateway.Attack.passes;
import static dev.weft.gateway.Attack.refused;

import java.util.stream.Stream;

/** First lines, hosts and paths. RFC 9112 section 3. */
final class TargetAttacks {

  private TargetAttacks() {}

  static Stream<Attack> all() {
    return Stream.of(firsts(), methods(), versions(), hosts(), targets(), paths())
        .flatMap(each -> each);
  }

  private static Attack first(String name, String line) {
    return refused(name, line + "\r\nHost: shop.test\r\n" + HELLO);
  }

  private static Stream<Attack> firsts() {
    return Stream.of(
        first("a target of two words", "POST /p x HTTP/1.1"),
        first("a target and a version more", "POST /p HTTP/1.1 HTTP/1.1"),
        first("no target", "POST HTTP/1.1"),
        first("an empty target", "POST  HTTP/1.1"),
        first("no blanks", "POST/pHTTP/1.1"),
        first("tabs for spaces", "POST\t/p\tHTTP/1.1"),
        first("two spaces before the target", "POST  /p HTTP/1.1"),
        first("two spaces behind the target", "POST /p  HTTP/1.1"),
        first("a space behind the version", "POST /p HTTP/1.1 "),
        first("a vertical tab for a space", "POST /p\013HTTP/1.1"),
        first("a form feed for a space", "POST\014/p HTTP/1.1"),
        first("a bare CR for a space", "POST /p\rHTTP/1.1"),
        first("a bare CR in the target", "POST /p\rx HTTP/1.1"),
        first("a bare LF in the target", "POST /p\nx HTTP/1.1"),
        first("NUL in the target", "POST /p\000x HTTP/1.1"),
        first("a control character in the target", "POST /p?a\001b HTTP/1.1"),
        first("a tab in the target", "POST /p\tx HTTP/1.1"),
        first("DEL in the target", "POST /p\177 HTTP/1.1"),
        refused(
            "a target that is too long",
            "GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: shop.test\r\n\r\n",
            414));
  }

  private static Stream<Attack> methods() {
    return Stream.of(
        first("a method with a slash", "GE/T /p HTTP/1.1"),
        first("a method with a colon", "GET: /p HTTP/1.1"),
        first("a method with NUL", "G\000T /p HTTP/1.1"),
        first("a method beyond ASCII", "G\310T /p HTTP/1.1"),
        first("a method in quotes", "G\"ET\" /p HTTP/1.1"),
        first("a method with a bracket", "G(ET) /p HTTP/1.1"),
        first("a method with a comma", "GET,POST /p HTTP/1.1"),
        first("CONNECT to a path", "CONNECT /p HTTP/1.1"),
        refused("CONNECT", "CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n\r\n"),
        refused(
            "CONNECT to an address inside",
            "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: shop.test\r\n\r\n"),
        refused(
            "CONNECT to a URL", "CONNECT http://shop.test/p HTTP/1.1\r\nHost: shop.test\r\n\r\n"),
        refused("TRACE", GET.replace("GET", "TRACE") + LAST + "\r\n"),
        refused(
            "the preface of HTTP/2 in capitals of its own",
            "PRI * HTTP/2.0\r\nHost: shop.test\r\n\r\n"),
        refused("PRI of HTTP/1.1", "PRI * HTTP/1.1\r\nHost: shop.test\r\n\r\n"),
        passes(
            "a method of its own",
            GET.replace("GET", "G-E_T!") + LAST + "\r\n",
            got("/p").replace("GET", "G-E_T!")));
  }

  private static Stream<Attack> versions() {
    return Stream.of(
        first("HTTP/1.2", "POST /p HTTP/1.2"),
        first("HTTP/2.0", "POST /p HTTP/2.0"),
        first("HTTP/3.0", "POST /p HTTP/3.0"),
        first("HTTP/0.9", "POST /p HTTP/0.9"),
        first("HTTP/1.10", "POST /p HTTP/1.10"),
        first("HTTP/01.1", "POST /p HTTP/01.1"),
        first("HTTP/1.01", "POST /p HTTP/1.01"),
        first("HTTP/1", "POST /p HTTP/1"),
        first("HTTP/1.", "POST /p HTTP/1."),
        first("HTTP/.1", "POST /p HTTP/.1"),
        first("HTTP/1,1", "POST /p HTTP/1,1"),
        first("HTTP/-1.1", "POST /p HTTP/-1.1"),
        first("HTTP/+1.1", "POST /p HTTP/+1.1"),
        first("HTTP/1.1 in small letters", "POST /p http/1.1"),
        first("HTTPS/1.1", "POST /p HTTPS/1.1"),
        first("HTTP 1.1 without a slash", "POST /p HTTP1.1"),
        first("HTTP/1.1 and a letter", "POST /p HTTP/1.1x"),
        first("HTTP/1.1 and NUL", "POST /p HTTP/1.1\000"),
        first("HTTP/1.1 beyond ASCII", "POST /p HTTP/1.\271"),
        first("ICAP", "POST /p ICAP/1.1"),
        refused("no version", "GET /p\r\n\r\n"),
        refused("no version, with a host", "GET /p\r\nHost: shop.test\r\n\r\n"));
  }

  private static Attack host(String name, String value) {
    return refused(name, "POST /p HTTP/1.1\r\nHost:" + value + "\r\n" + HELLO);
  }

  private static Stream<Attack> hosts() {
    return Stream.of(
        refused("no host", "POST /p HTTP/1.1\r\n" + HELLO),
        host("an empty host", ""),
        host("two hosts", " shop.test\r\nHost: evil.test"),
        host("one host twice", " shop.test\r\nHost: shop.test"),
        host("two hosts in two cases", " shop.test\r\nhOST: evil.test"),
        host("a host with a path", " shop.test/x"),
        host("a host with a query", " shop.test?x"),
        host("a host with a fragment", " shop.test#x"),
        host("a host with a user", " me@shop.test"),
        host("a host with a user and a password", " me:x@shop.test"),
        host("a host with a space", " shop .test"),
        host("a host with a tab", " shop\t.test"),
        host("a list of hosts", " shop.test, evil.test"),
        host("a list of hosts without a space", " shop.test,evil.test"),
        host("a host with a backslash", " shop.test\\x"),
        host("a host with NUL", " shop.test\000.evil"),
        host("a host beyond ASCII", " sh\366p.test"),
        host("a host in quotes", " \"shop.test\""),
        host("a host with a scheme", " http://shop.test"),
        host("a host with two ports", " shop.test:80:80"),
        host("a host whose port is none", " shop.test:http"),
        host("a host whose port is too large", " shop.test:65536"),
        host("a host whose port is negative", " shop.test:-80"),
        host("a host whose port has an at", " shop.test:80@evil.test"),
        host("a host of a port alone", " :80"),
        host("a host in half a bracket", " [shop.test"),
        host("a host in brackets", " [shop.test]"),
        host("a host over two lines", " shop\r\n .test"),
        host("an address of IPv6 without brackets", " ::1"),
        host("an address of IPv6 with a letter too many", " [::g]"),
        host("an address of IPv6 and more", " [::1]x"),
        host("a host in braces", " {shop}.test"),
        host("a host with an asterisk", " *.test"),
        host("a port of six digits", " shop.test:000080000"),
        host("a host with a semicolon", " shop.test;x"),
        refused(
            "a host with a space before its colon",
            "POST /p HTTP/1.1\r\nHost : shop.test\r\n" + HELLO),
        refused("a second host with an underscore", POST + "Ho_st: evil.test\r\n" + HELLO),
        refused(
            "a second host that is folded",
            "POST /p HTTP/1.1\r\nX: y\r\n Host: evil.test\r\n" + HELLO));
  }

  private static Attack target(String name, String target) {
    return refused(name, "POST " + target + " HTTP/1.1\r\nHost: shop.test\r\n" + HELLO);
  }

  private static Stream<Attack> targets() {
    return Stream.of(
        target("a target that is no path", "p"),
        target("a target of an authority", "shop.test:80"),
        target("a target with a fragment", "/p#x"),
        target("a target with a fragment in its query", "/p?a#x"),
        target("an asterisk that is no OPTIONS", "*"),
        target("an asterisk and a path", "*/p"),
        target("a target of a query", "?x"),
        target("a target of another scheme", "ftp://shop.test/p"),
        target("a target of a scheme alone", "http:/p"),
        target("a target of a file", "file:///etc/passwd"),
        target("a URL without a host", "http:///p"),
        target("a URL with a user", "http://me@shop.test/p"),
        target("a URL with a fragment", "http://shop.test/p#x"),
        target("a URL with a query and no path", "http://shop.test?x/p"),
        target("a URL of another host than Host", "http://other.test/p"),
        target("a URL of another port than Host", "http://shop.test:81/p"),
        target("a URL with a backslash", "http://shop.test\\p"),
        target("a URL with a list of hosts", "http://shop.test,evil.test/p"),
        target("a URL of a port that is none", "http://shop.test:x/p"),
        target("a backslash for a slash", "\\p"),
        refused("a URL without Host", "GET http://shop.test/p HTTP/1.1\r\n\r\n"),
        passes(
            "a URL of Host",
            "GET http://shop.test/p HTTP/1.1\r\nHost: shop.test\r\n" + LAST + "\r\n",
            got("/p")),
        passes(
            "a URL of Host in capitals",
            "GET HTTP://SHOP.test/p HTTP/1.1\r\nHost: shop.test\r\n" + LAST + "\r\n",
            got("/p").replace("shop", "SHOP")),
        passes(
            "a URL of Host and its port",
            "GET http://shop.test:80/p HTTP/1.1\r\nHost: shop.test\r\n" + LAST + "\r\n",
            got("/p").replace("test", "test:80")),
        passes(
            "an asterisk of OPTIONS",
            "OPTIONS * HTTP/1.1\r\nHost: shop.test\r\n" + LAST + "\r\n",
            got("*").replace("GET", "OPTIONS")),
        passes(
            "a URL in a query",
            GET.replace("/p", "/p?http://evil.test/") + LAST + "\r\n",
            got("/p?http://evil.test/")),
        passes(
            "two slashes that look like a host",
            GET.replace("/p", "//evil.test/p") + LAST + "\r\n",
            got("/evil.test/p")));
  }

  private static Attack path(String name, String path, String upstream) {
    return passes(name, GET.replace("/p", path) + LAST + "\r\n", got(upstream));
  }

  private static Attack noPath(String name, String path) {
    return refused(name, GET.replace("/p", path) + "\r\n");
  }

  private static Stream<Attack> paths() {
    return Stream.of(
        noPath("a path with %00", "/p%00.html"),
        noPath("a path with %", "/p%"),
        noPath("a path with % and one digit", "/p%2"),
        noPath("a path with % and no digits", "/p%zz"),
        noPath("a path with %u", "/p%u002f"),
        noPath("a path with % and a sign", "/p%+1"),
        path("dots", "/a/../p", "/p"),
        path("dots beyond the root", "/../../p", "/p"),
        path("encoded dots", "/a/%2e%2E/p", "/p"),
        path("half encoded dots", "/a/.%2e/p", "/p"),
        path("one dot", "/./p", "/p"),
        path("dots at the end", "/a/..", "/"),
        path("many slashes", "///p", "/p"),
        path("an encoded slash", "/a%2Fp", "/a%2Fp"),
        path("an encoded backslash", "/a%5Cp", "/a%5Cp"),
        path("a parameter", "/a;x=y/p", "/a;x=y/p"),
        path("overlong UTF-8", "/%c0%ae%c0%ae/p", "/%c0%ae%c0%ae/p"),
        path("bytes that are no UTF-8", "/\377\376", "/%FF%FE"),
        path("an encoded question mark", "/p%3Fx", "/p%3Fx"),
        path("an encoded line", "/p%0d%0aX:%20y", "/p%0d%0aX:%20y"),
        path("brackets and quotes", "/p?[\"<>]", "/p?[\"<>]"));
  }
}
