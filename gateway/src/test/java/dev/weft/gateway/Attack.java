package dev.weft.gateway;

import dev.weft.testkit.RawHttp;
import java.util.regex.Pattern;

/**
 * Bytes that somebody sends over HTTP/1.1 to be read in two ways, and what must come of them.
 *
 * @param name what is tried, for people; no two are the same
 * @param bytes one character each
 * @param status of the one answer, after which the connection ends; empty where it ends without
 * @param upstream what goes on, without what is added to each request; empty where nothing may,
 *     {@link #CUT} where a request may begin and never end
 */
record Attack(String name, String bytes, String status, String upstream) {

  /** In place of what goes on. */
  static final String CUT = "(cut)";

  static final String GET = "GET /p HTTP/1.1\r\nHost: shop.test\r\n";
  static final String POST = "POST /p HTTP/1.1\r\nHost: shop.test\r\n";
  static final String LAST = "Connection: close\r\n";
  static final String CHUNKED = POST + LAST + "Transfer-Encoding: chunked\r\n\r\n";
  static final String HELLO = "Content-Length: 5\r\n\r\nhello";

  /** What goes on of a POST with the body {@code hello} in chunks. */
  static final String POSTED_CHUNKS =
      RawHttp.lines(
          "POST /p HTTP/1.1",
          "host: shop.test",
          "transfer-encoding: chunked",
          "",
          "5",
          "hello",
          "0",
          "");

  private static final Pattern ADDED =
      Pattern.compile(
          RawHttp.lines(
              "x-forwarded-for: 127\\.0\\.0\\.1",
              "x-forwarded-proto: http",
              "x-request-id: [0-9a-f-]{36}"));

  /** It is no request: 400, and nothing that comes with or after it goes on. */
  static Attack refused(String name, String bytes) {
    return new Attack(name, bytes, "400", "");
  }

  /** As the other, with a status of its own. */
  static Attack refused(String name, String bytes, int status) {
    return new Attack(name, bytes, Integer.toString(status), "");
  }

  /** It is nothing that a gateway could answer. */
  static Attack dropped(String name, String bytes) {
    return new Attack(name, bytes, "", "");
  }

  /** It began as a request and is none to its end. */
  static Attack cut(String name, String bytes) {
    return new Attack(name, bytes, "400", CUT);
  }

  /** There is one way to read it, and it is written in that way. */
  static Attack passes(String name, String bytes, String upstream) {
    return new Attack(name, bytes, "200", upstream);
  }

  /** What goes on of a POST with the body {@code hello}, and these header lines. */
  static String posted(String lines) {
    return "POST /p HTTP/1.1\r\n" + lines + "Content-Length: 5\r\nhost: shop.test\r\n\r\nhello";
  }

  /** What goes on of a GET for this path. */
  static String got(String path) {
    return "GET " + path + " HTTP/1.1\r\nhost: shop.test\r\n\r\n";
  }

  /** Bytes that came upstream, without what is added to each request. */
  static String plain(String received) {
    return ADDED.matcher(received).replaceAll("");
  }
}
