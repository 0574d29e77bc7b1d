package dev.weft.gateway;

import static dev.weft.gateway.Attack.GET;
import static dev.weft.gateway.Attack.LAST;
import static dev.weft.gateway.Attack.POST;
import static dev.weft.gateway.Attack.passes;
import static dev.weft.gateway.Attack.refused;

import java.util.stream.Stream;

/**
 * Codings that one server understands and another does not ("TE.TE"). RFC 9112 section 6.1; the
 * forms are those of published research on request smuggling.
 */
final class CodingAttacks {

  private static final String CHUNKS = "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  private static final String FIVE = Attack.POSTED_CHUNKS;

  private CodingAttacks() {}

  static Stream<Attack> all() {
    return Stream.of(values(), names(), plain()).flatMap(each -> each);
  }

  private static Attack coding(String name, String value) {
    return refused(name, POST + "Transfer-Encoding:" + value + CHUNKS);
  }

  private static Stream<Attack> values() {
    return Stream.of(
        coding("no coding that is known", " xchunked"),
        coding("no coding at all", ""),
        coding("the coding identity", " identity"),
        coding("the coding gzip", " gzip"),
        coding("gzip, then chunked", " gzip, chunked"),
        coding("chunked, then gzip", " chunked, gzip"),
        coding("chunked, then identity", " chunked, identity"),
        coding("identity, then chunked", " identity, chunked"),
        coding("chunked twice in a list", " chunked, chunked"),
        coding("a comma before chunked", " , chunked"),
        coding("a comma behind chunked", " chunked,"),
        coding("chunked twice without a comma", " chunked chunked"),
        coding("chunked with a parameter", " chunked;q=1"),
        coding("chunked with a semicolon", " chunked;"),
        coding("chunked in quotes", " \"chunked\""),
        coding("chunked in single quotes", " 'chunked'"),
        coding("chunked in brackets", " (chunked)"),
        coding("chunked cut short", " chunke"),
        coding("chunked with a letter more", " chunkedd"),
        coding("chunked with a space within", " chun ked"),
        coding("chunked with a letter of Latin-1", " chunke\360"),
        coding("chunked behind a vertical tab", " \013chunked"),
        coding("chunked behind a form feed", " \014chunked"),
        coding("chunked behind NUL", " \000chunked"),
        coding("chunked behind DEL", " \177chunked"),
        coding("chunked behind a space of Latin-1", " \240chunked"),
        coding("chunked behind NEL", " \205chunked"),
        coding("chunked before a vertical tab", " chunked\013"),
        coding("chunked before a form feed", " chunked\014"),
        coding("chunked before NUL", " chunked\000"),
        coding("chunked before ESC", " chunked\033"),
        coding("chunked on the next line", "\r\n chunked"),
        coding("chunked on the next line, behind a tab", "\r\n\tchunked"),
        coding("chunked over two lines", " chun\r\n ked"),
        coding("chunked and a folded line", " chunked\r\n identity"),
        coding("chunked and an empty folded line", " chunked\r\n \t"),
        coding("chunked behind a bare CR", " \rchunked"),
        coding("chunked behind a bare LF", " \nchunked"),
        coding("chunked twice", " chunked\r\nTransfer-Encoding: chunked"),
        coding("chunked and identity in two lines", " chunked\r\nTransfer-Encoding: identity"),
        coding("identity and chunked in two lines", " identity\r\nTransfer-Encoding: chunked"),
        coding("chunked and a line that is not", " chunked\r\nTransfer-encoding: cow"),
        coding("chunked and a length", " chunked\r\nContent-Length: 5"),
        coding("identity and a length", " identity\r\nContent-Length: 5"),
        coding("an unknown coding and a length", " xchunked\r\nContent-Length: 5"));
  }

  private static Attack named(String name, String line) {
    return refused(name, POST + line + CHUNKS);
  }

  /** A coding that hides behind its name from one of two servers, beside a length for the other. */
  private static Stream<Attack> names() {
    String length = "Content-Length: 5\r\n";
    return Stream.of(
        named("a space before a coding's colon", length + "Transfer-Encoding : chunked"),
        named("a tab before a coding's colon", length + "Transfer-Encoding\t: chunked"),
        named("a vertical tab before a coding's colon", length + "Transfer-Encoding\013: chunked"),
        named("NUL before a coding's colon", length + "Transfer-Encoding\000: chunked"),
        named("a coding whose colon is folded", length + "Transfer-Encoding\r\n : chunked"),
        named(
            "a coding folded into the line before",
            "X: y\r\n Transfer-Encoding: chunked\r\n" + length + "X: z"),
        named("a coding behind a bare LF", length + "X: y\nTransfer-Encoding: chunked"),
        named("a coding behind a bare CR", length + "X: y\rTransfer-Encoding: chunked"),
        named("a coding's name with an underscore", length + "Transfer_Encoding: chunked"),
        named("a coding's name in quotes", length + "\"Transfer-Encoding\": chunked"),
        named("a coding's name with a letter of Latin-1", length + "Transfer-Encod\355ng: chunked"),
        named("a coding's name with NUL within", length + "Transfer\000Encoding: chunked"),
        named("a coding's name with a space within", length + "Transfer Encoding: chunked"),
        named("a coding's name with a slash", length + "Transfer/Encoding: chunked"),
        refused(
            "chunks in HTTP/1.0",
            POST.replace("/1.1", "/1.0") + "Transfer-Encoding: chunked" + CHUNKS),
        refused(
            "chunks in HTTP/1.0 that lasts",
            POST.replace("/1.1", "/1.0")
                + "Connection: keep-alive\r\nTransfer-Encoding: chunked"
                + CHUNKS),
        refused("an unknown coding of a GET", GET + "Transfer-Encoding: x\r\n\r\n"),
        refused(
            "a coding that Connection names, and a length",
            POST
                + "Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n"
                + length.trim()
                + CHUNKS));
  }

  private static Stream<Attack> plain() {
    String post = POST + LAST;
    return Stream.of(
        passes("plain chunks", post + "Transfer-Encoding: chunked" + CHUNKS, FIVE),
        passes("a coding in capitals", post + "TRANSFER-ENCODING: CHUNKED" + CHUNKS, FIVE),
        passes("a coding without a space", post + "Transfer-Encoding:chunked" + CHUNKS, FIVE),
        passes("blanks around a coding", post + "Transfer-Encoding: \t chunked \t" + CHUNKS, FIVE),
        passes(
            "a coding that Connection names",
            POST + "Connection: close, transfer-encoding\r\nTransfer-Encoding: chunked" + CHUNKS,
            FIVE),
        passes(
            "TE is not a coding",
            post + "TE: chunked, trailers\r\nContent-Length: 5\r\n\r\nhello",
            Attack.posted("").replace("host:", "te: trailers\r\nhost:")),
        passes(
            "chunks of a GET",
            GET + LAST + "Transfer-Encoding: chunked" + CHUNKS,
            FIVE.replace("POST", "GET")));
  }
}
