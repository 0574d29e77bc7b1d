package dev.weft.routing.transport;

import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import java.util.List;

/**
 * Headers that concern one connection only and never go on.
 *
 * <p>Source: RFC 9110 section 7.6.1. Told apart by length first: this runs for every header of
 * every message.
 */
public final class HopByHop {

  private static final String CONNECTION = "connection";

  private HopByHop() {}

  /** Whether a header by its name alone is one. */
  public static boolean is(CharSequence name) {
    return switch (name.length()) {
      case 2 -> same(name, "te");
      case 7 -> same(name, "upgrade") || same(name, "trailer");
      case 10 -> same(name, CONNECTION) || same(name, "keep-alive");
      case 16 -> same(name, "proxy-connection");
      case 17 -> same(name, "transfer-encoding");
      case 18 -> same(name, "proxy-authenticate");
      case 19 -> same(name, "proxy-authorization");
      case 14 -> same(name, "http2-settings");
      default -> false;
    };
  }

  private static boolean same(CharSequence name, String wanted) {
    return AsciiString.contentEqualsIgnoreCase(name, wanted);
  }

  /** Copies what goes on; what {@code Connection} names stays behind too. */
  public static void copy(MultiMap from, MultiMap to) {
    from.forEach(
        (name, value) -> {
          if (!is(name)) {
            to.add((CharSequence) name, value);
          }
        });
    List<String> listed = from.getAll(CONNECTION);
    if (!listed.isEmpty()) {
      listed.forEach(value -> removeListed(value, to));
    }
  }

  private static void removeListed(String value, MultiMap to) {
    for (String name : value.split(",", -1)) {
      String word = name.strip();
      if (!word.isEmpty() && !word.equalsIgnoreCase("close") && !word.equalsIgnoreCase("te")) {
        to.remove(word);
      }
    }
  }
}
