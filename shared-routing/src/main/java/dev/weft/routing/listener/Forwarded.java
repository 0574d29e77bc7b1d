package dev.weft.routing.listener;

import dev.weft.routing.exchange.Caller;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/**
 * What proxies in front of a gateway say of its caller, as far as they are trusted: each adds the
 * address that it saw to the end of {@code x-forwarded-for}, so that of {@code n} trusted ones the
 * n-th entry from the end is the caller's. What stands before it anybody may have written.
 *
 * <p>Source: {@code ProxySettings.edge.trustedProxies}; Envoy's {@code xff_num_trusted_hops}.
 */
final class Forwarded {

  private static final CharSequence FOR = HttpHeaders.createOptimized("x-forwarded-for");
  private static final CharSequence PROTO = HttpHeaders.createOptimized("x-forwarded-proto");
  private static final int LONGEST = 45; // an IPv6 address that holds an IPv4 one

  private Forwarded() {}

  /**
   * The caller with the address that the proxies tell; himself where they tell none.
   *
   * @param peer whose connection it is: the nearest proxy
   * @param trusted proxies in front, from 1
   */
  static Caller caller(MultiMap incoming, Caller peer, int trusted) {
    String told = list(incoming);
    int end = told.length();
    for (int i = 1; i < trusted && end >= 0; i++) {
      end = told.lastIndexOf(',', end - 1);
    }
    if (end <= 0) {
      return peer;
    }
    String address = alone(told.substring(told.lastIndexOf(',', end - 1) + 1, end).strip());
    return address(address) ? peer.at(address) : peer;
  }

  /** What the gateway says to those behind it: all that came, and its peer. */
  static String chain(MultiMap incoming, Caller peer) {
    String told = list(incoming);
    return told.isEmpty() ? peer.address() : told + ", " + peer.address();
  }

  /** How the caller came, as the nearest proxy tells. */
  static String scheme(MultiMap incoming, String own) {
    String told = incoming.get(PROTO);
    return "https".equals(told) || "http".equals(told) ? told : own;
  }

  private static String list(MultiMap incoming) {
    String one = incoming.get(FOR);
    return one == null ? "" : String.join(", ", incoming.getAll(FOR));
  }

  /** Without the port that some proxies write behind it, which is another each time. */
  private static String alone(String entry) {
    int colon = entry.indexOf(':');
    if (entry.startsWith("[") && entry.indexOf(']') > 0) {
      return entry.substring(1, entry.indexOf(']'));
    }
    return colon >= 0 && colon == entry.lastIndexOf(':') ? entry.substring(0, colon) : entry;
  }

  private static boolean address(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean digit = Character.digit(c, 16) >= 0 && c < 128;
      if (!digit && c != '.' && c != ':') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= LONGEST;
  }
}
