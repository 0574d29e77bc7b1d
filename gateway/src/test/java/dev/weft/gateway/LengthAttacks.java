package dev.weft.gateway;

import static dev.weft.gateway.Attack.CHUNKED;
import static dev.weft.gateway.Attack.GET;
import static dev.weft.gateway.Attack.HELLO;
import static dev.weft.gateway.Attack.LAST;
import static dev.weft.gateway.Attack.POST;
import static dev.weft.gateway.Attack.cut;
import static dev.weft.gateway.Attack.passes;
import static dev.weft.gateway.Attack.posted;
import static dev.weft.gateway.Attack.refused;

import java.util.stream.Stream;

/** Where a body ends: its length, and its chunks. RFC 9112 sections 6.2, 6.3 and 7.1. */
final class LengthAttacks {

  private static final String END = "\r\n0\r\n\r\n";
  private static final String FIVE = Attack.POSTED_CHUNKS;

  private LengthAttacks() {}

  static Stream<Attack> all() {
    return Stream.of(lengths(), ambiguous(), bodies(), sizes(), chunks()).flatMap(each -> each);
  }

  private static Attack length(String name, String value) {
    return refused(name, POST + "Content-Length:" + value + "\r\n\r\nhello");
  }

  private static Stream<Attack> lengths() {
    return Stream.of(
        length("a length with a plus", " +5"),
        length("a length with a minus", " -5"),
        length("a length of minus nothing", " -0"),
        length("a length in hexadecimal", " 0x5"),
        length("a length with letters", " 5a"),
        length("a length with a fraction", " 5.0"),
        length("a length with an exponent", " 5e0"),
        length("a length of two words", " 5 5"),
        length("a length with a space within", " 0 5"),
        length("a length with an underscore", " 1_0"),
        length("a length of nothing", ""),
        length("a length of spaces", "  "),
        length("a length in quotes", " \"5\""),
        length("a length with a semicolon", " 5;q=1"),
        length("a length with NUL behind", " 5\000"),
        length("a length with NUL before", " \0005"),
        length("a length with a vertical tab", " \0135"),
        length("a length with a form feed", " 5\014"),
        length("a length in letters of Latin-1", " \2625"),
        length("a length in digits of Unicode", " \331\245"),
        length("a length on the next line", "\r\n 5"),
        length("a length over two lines", " 0\r\n 5"),
        length("a length of 2^63", " 9223372036854775808"),
        length("a length of 2^64 + 5", " 18446744073709551621"),
        length("a length of 2^32 digits' worth", " 99999999999999999999999999999999999995"),
        length("a length and a comma", " 5,"),
        length("a comma and a length", " ,5"),
        length("a list of one length twice", " 5, 5"),
        length("a list of two lengths", " 5, 6"),
        length("a list without spaces", " 5,5"),
        length("a length behind a minus of its own", " --5"));
  }

  private static Stream<Attack> ambiguous() {
    String five = "Content-Length: 5\r\n";
    return Stream.of(
        refused("one length in two lines", POST + five + five + "\r\nhello"),
        refused("two lengths", POST + five + "Content-Length: 6\r\n\r\nhello"),
        refused("two lengths, the first nothing", POST + "Content-Length: 0\r\n" + HELLO),
        refused("two lengths, the last nothing", POST + five + "Content-Length: 0\r\n\r\nhello"),
        refused("two lengths in two cases", POST + "content-length: 50\r\n" + HELLO),
        refused("two lengths of a GET", GET + "Content-Length: 0\r\n" + HELLO),
        refused("a length with a space before its colon", POST + "Content-Length : 5\r\n\r\nhello"),
        refused("a length with a tab before its colon", POST + "Content-Length\t: 5\r\n\r\nhello"),
        refused("a length whose name has NUL", POST + "Content-Length\000: 5\r\n\r\nhello"),
        refused("a length whose name has a space", POST + "Content Length: 5\r\n\r\nhello"),
        refused("a length with underscore", POST + "Content_Length: 5\r\n\r\nhello"),
        refused("a length behind a bare LF", POST + "X: y\nContent-Length: 5\r\n\r\nhello"),
        refused("a length behind a bare CR", POST + "X: y\rContent-Length: 5\r\n\r\nhello"),
        refused("CL.TE", POST + five + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        refused("TE.CL", POST + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n8" + END),
        refused(
            "0.CL behind chunks", POST + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n"),
        refused("CL.TE of a GET", GET + five + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
  }

  /** What has a body in one reading alone, or in none. */
  private static Stream<Attack> bodies() {
    return Stream.of(
        passes("a plain body", POST + LAST + HELLO, posted("")),
        passes(
            "leading zeros of a length",
            POST + LAST + "Content-Length: 0005\r\n\r\nhello",
            posted("").replace(": 5", ": 0005")),
        passes(
            "spaces around a length",
            POST + LAST + "Content-Length: \t 5 \t\r\n\r\nhello",
            posted("")),
        passes(
            "CL.0: a body that is a request",
            POST + LAST + "Content-Length: 25\r\n\r\nGET /x HTTP/1.1\r\nX: y\r\n\r\n",
            posted("").replace(": 5", ": 25").replace("hello", "GET /x HTTP/1.1\r\nX: y\r\n\r\n")),
        passes("a body of a GET", GET + LAST + HELLO, posted("").replace("POST", "GET")),
        passes(
            "a body of a HEAD",
            GET.replace("GET", "HEAD") + LAST + HELLO,
            posted("").replace("POST", "HEAD")),
        passes(
            "no body of a POST, and a request behind",
            POST + LAST + "\r\n",
            "POST /p HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 0\r\n\r\n"),
        passes(
            "trailers that are lengths",
            CHUNKED + "5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n",
            FIVE),
        passes(
            "trailers that are codings",
            CHUNKED + "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
            FIVE),
        passes(
            "trailers that are hosts",
            CHUNKED + "5\r\nhello\r\n0\r\nHost: evil.test\r\n\r\n",
            FIVE),
        passes(
            "trailers that say who calls",
            CHUNKED + "5\r\nhello\r\n0\r\nX-Forwarded-For: 1.2.3.4\r\nAuthorization: x\r\n\r\n",
            FIVE),
        passes(
            "chunks in capitals",
            CHUNKED + "A\r\nhellohello" + END,
            FIVE.replace("5\r\nhello", "a\r\nhellohello")),
        passes("an extension of a chunk", CHUNKED + "5;a=b;c=\"d\"\r\nhello" + END, FIVE),
        passes("leading zeros of a chunk", CHUNKED + "0005\r\nhello" + END, FIVE),
        passes("a thousand zeros", CHUNKED + "0".repeat(1000) + "5\r\nhello" + END, FIVE));
  }

  private static Attack chunk(String name, String size) {
    return cut(name, CHUNKED + size + "\r\nhello" + END);
  }

  private static Stream<Attack> sizes() {
    return Stream.of(
        chunk("a chunk of no hexadecimal digit", "G"),
        chunk("a chunk of 0x5", "0x5"),
        chunk("a chunk of -5", "-5"),
        chunk("a chunk of +5", "+5"),
        chunk("a chunk with spaces around", " 5 "),
        chunk("a chunk with a space before", " 5"),
        chunk("a chunk with a tab before", "\t5"),
        chunk("a chunk with a space behind", "5 "),
        chunk("a chunk with a tab behind", "5\t"),
        chunk("a chunk with NUL behind", "5\000"),
        chunk("a chunk with NUL before", "\0005"),
        chunk("a chunk of 2^64 + 5", "FFFFFFFFFFFFFFFF5"),
        chunk("a chunk of 2^64 + 5, one digit more", "10000000000000005"),
        chunk("a chunk of 2^32 + 5", "100000005"),
        chunk("a chunk of 2^31", "80000000"),
        chunk("a chunk of no size", ""),
        chunk("a chunk of an extension alone", ";a=b"),
        chunk("a chunk with an underscore", "0_5"),
        chunk("a chunk of two sizes", "5 5"),
        chunk("a chunk of a list", "5,5"),
        chunk("a chunk with a digit of Latin-1", "5\262"),
        chunk("a chunk with an endless extension", "5;" + "a".repeat(70_000)),
        chunk("a chunk whose extension has a bare LF", "5;a\nb"),
        chunk("a chunk whose extension has a bare CR", "5;a\rb"),
        chunk("a chunk whose extension has NUL", "5;a=\000"),
        chunk("a chunk with a bare CR", "5\rX"));
  }

  private static Stream<Attack> chunks() {
    return Stream.of(
        cut("a chunk's size that ends in LF", CHUNKED + "5\nhello" + END),
        cut("a chunk's size that ends in CR", CHUNKED + "5\rhello" + END),
        cut("a chunk that ends in LF", CHUNKED + "5\r\nhello\n0\r\n\r\n"),
        cut("a chunk that ends in CR", CHUNKED + "5\r\nhello\r0\r\n\r\n"),
        cut("a chunk that ends in neither", CHUNKED + "5\r\nhelloXX0\r\n\r\n"),
        cut("a chunk that is too long by one", CHUNKED + "5\r\nhello!" + END),
        cut("a chunk that is too short by one", CHUNKED + "5\r\nhell" + END),
        cut("a last chunk that ends in LF", CHUNKED + "5\r\nhello\r\n0\n\r\n"),
        cut("the end of all in LF", CHUNKED + "5\r\nhello\r\n0\r\n\n"),
        cut("a last chunk of -0", CHUNKED + "5\r\nhello\r\n-0\r\n\r\n"),
        cut("a last chunk of 0x0", CHUNKED + "5\r\nhello\r\n0x0\r\n\r\n"),
        cut("a trailer without a colon", CHUNKED + "5\r\nhello\r\n0\r\nfoo\r\n\r\n"),
        cut("a trailer with a bare LF", CHUNKED + "5\r\nhello\r\n0\r\nA: b\nC: d\r\n\r\n"),
        cut("a trailer with NUL", CHUNKED + "5\r\nhello\r\n0\r\nA: \000\r\n\r\n"),
        cut(
            "a trailer with a space before its colon",
            CHUNKED + "5\r\nhello\r\n0\r\nA : b\r\n\r\n"),
        cut(
            "too many trailers",
            CHUNKED + "5\r\nhello\r\n0\r\n" + "A: b\r\n".repeat(20_000) + "\r\n"));
  }
}
