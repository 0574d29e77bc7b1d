package dev.weft.config.validate;

import java.util.Collection;
import java.util.stream.Collectors;

/** How hosts relate, and how those that there are are told. */
final class Hosts {

  private static final int MOST_TOLD = 5;

  private Hosts() {}

  /** Whether {@code narrow} is within {@code wide}: {@code *}, {@code *.suffix}, or the same. */
  static boolean covers(String wide, String narrow) {
    return wide.equals("*")
        || wide.equals(narrow)
        || (wide.startsWith("*.") && narrow.endsWith(wide.substring(1)));
  }

  /** {@code " (there are: a, b)"}. */
  static String existing(Collection<String> names) {
    if (names.isEmpty()) {
      return " (there is none)";
    }
    String some = names.stream().limit(MOST_TOLD).collect(Collectors.joining(", "));
    return " (there are: " + some + (names.size() > MOST_TOLD ? ", ..." : "") + ")";
  }
}
