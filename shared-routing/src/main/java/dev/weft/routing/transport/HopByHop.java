package dev.weft.routing.transport;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Headers that concern one connection only and never go on.
 *
 * <p>Source: RFC 9110 section 7.6.1. Told apart by length first: this runs for every header of
 * every message.
 */
public final class HopByHop {

  private static final CharSequence CONNECTION = HttpHeaderNames.CONNECTION;
  private static final String KEEP_ALIVE = "keep-alive";

  private HopByHop() {}

  /** Whether a header by its name alone is one. */
  public static boolean is(CharSequence name) {
    return switch (name.length()) {
      case 2 -> same(name, "te");
      case 7 -> same(name, "upgrade") || same(name, "trailer");
      case 10 -> same(name, "connection") || same(name, KEEP_ALIVE);
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
    copy(from, to, name -> true);
  }

  /**
   * Copies what goes on, and of that only what {@code wanted} takes; what {@code Connection} names
   * stays behind too.
   *
   * @return how many fields there were
   */
  public static int copy(MultiMap from, MultiMap to, Predicate<CharSequence> wanted) {
    int fields = 0;
    if (from instanceof HttpHeaders http1) {
      // names as the decoder left them, their hashes known; Strings would be hashed anew
      Iterator<Map.Entry<CharSequence, CharSequence>> all = http1.iteratorCharSequence();
      while (all.hasNext()) {
        Map.Entry<CharSequence, CharSequence> header = all.next();
        fields++;
        if (!is(header.getKey()) && wanted.test(header.getKey())) {
          to.add(header.getKey(), header.getValue());
        }
      }
    } else {
      for (Map.Entry<String, String> header : from) {
        fields++;
        if (!is(header.getKey()) && wanted.test(header.getKey())) {
          to.add((CharSequence) header.getKey(), header.getValue());
        }
      }
    }
    String listed = from.get(CONNECTION);
    if (listed != null && !KEEP_ALIVE.equalsIgnoreCase(listed)) {
      from.getAll(CONNECTION).forEach(value -> removeListed(value, to));
    }
    return fields;
  }

  /** Adds all, as they are. */
  static void copyAll(MultiMap from, MultiMap to) {
    if (from instanceof HttpHeaders http1) {
      Iterator<Map.Entry<CharSequence, CharSequence>> all = http1.iteratorCharSequence();
      while (all.hasNext()) {
        Map.Entry<CharSequence, CharSequence> header = all.next();
        to.add(header.getKey(), header.getValue());
      }
    } else {
      to.addAll(from);
    }
  }

  private static void removeListed(String value, MultiMap to) {
    for (String name : value.split(",", -1)) {
      String word = name.strip();
      boolean ours =
          word.equalsIgnoreCase("close")
              || word.equalsIgnoreCase("te")
              || word.equalsIgnoreCase("content-length"); // says where the body ends
      if (!word.isEmpty() && !ours) {
        to.remove(word);
      }
    }
  }
}
