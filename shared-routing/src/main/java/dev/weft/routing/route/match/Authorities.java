package dev.weft.routing.route.match;

import java.util.Locale;

/** Host and port of an authority. */
public final class Authorities {

  private Authorities() {}

  /** Without its port; an IPv6 address keeps its brackets. */
  public static String host(String authority) {
    int colon = colon(authority);
    return colon < 0 ? authority : authority.substring(0, colon);
  }

  /** 0 where there is none. */
  public static int port(String authority) {
    int colon = colon(authority);
    if (colon < 0) {
      return 0;
    }
    int value = 0;
    for (int i = colon + 1; i < authority.length(); i++) {
      char digit = authority.charAt(i);
      if (digit < '0' || digit > '9' || value > 65535) {
        return 0;
      }
      value = value * 10 + digit - '0';
    }
    return value;
  }

  private static int colon(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon >= 0 && authority.indexOf(']', colon) < 0 ? colon : -1;
  }

  /** A host in lower case, without the dot of a full name. */
  public static String named(String host) {
    int end = host.length();
    while (end > 0 && host.charAt(end - 1) == '.') {
      end--;
    }
    return lower(host.substring(0, end));
  }

  /** In lower case; the same object where it is already. */
  public static String lower(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return host.toLowerCase(Locale.ROOT);
      }
    }
    return host;
  }
}
