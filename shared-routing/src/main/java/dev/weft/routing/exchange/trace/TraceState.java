package dev.weft.routing.exchange.trace;

import java.util.List;

/**
 * Whether a {@code tracestate} may go on: what vendors say of a trace, which Weft passes by. It is
 * looked at once, without a copy.
 *
 * <p>Source: W3C Trace Context, level 2, section 3.3: at most 32 members, each key once; several
 * headers are one list.
 */
final class TraceState {

  private static final int MOST_MEMBERS = 32;
  private static final int LONGEST = 256; // of a key, and of a value

  private TraceState() {}

  /**
   * @param headers in their order
   */
  static boolean sound(List<String> headers) {
    Members members = new Members();
    for (String header : headers) {
      int from = 0;
      while (from <= header.length()) {
        int comma = header.indexOf(',', from);
        int to = comma < 0 ? header.length() : comma;
        if (!members.take(header, from, to)) {
          return false;
        }
        from = to + 1;
      }
    }
    return true;
  }

  /** The members so far. */
  private static final class Members {

    private final String[] headers = new String[MOST_MEMBERS];
    private final int[] keys = new int[MOST_MEMBERS]; // where each begins
    private final int[] lengths = new int[MOST_MEMBERS]; // of each key
    private int count;

    /** Empty ones count for nothing. */
    boolean take(String header, int begin, int end) {
      int from = past(header, begin, end);
      int to = end;
      while (from < to && blank(header.charAt(to - 1))) {
        to--;
      }
      if (from == to) {
        return true;
      }
      int equals = header.indexOf('=', from);
      boolean fits = count < MOST_MEMBERS && equals > from && equals < to;
      return fits
          && key(header, from, equals)
          && value(header, equals + 1, to)
          && first(header, from, equals - from);
    }

    private static int past(String header, int begin, int end) {
      int from = begin;
      while (from < end && blank(header.charAt(from))) {
        from++;
      }
      return from;
    }

    private boolean first(String header, int key, int length) {
      for (int i = 0; i < count; i++) {
        if (lengths[i] == length && headers[i].regionMatches(keys[i], header, key, length)) {
          return false;
        }
      }
      headers[count] = header;
      keys[count] = key;
      lengths[count] = length;
      count++;
      return true;
    }
  }

  private static boolean blank(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean key(String text, int from, int to) {
    if (to - from > LONGEST || !letter(text.charAt(from))) {
      return false;
    }
    for (int i = from + 1; i < to; i++) {
      char c = text.charAt(i);
      if (!letter(c) && "_-*/@".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  /** Printable, and no further sign of a list; blanks behind it were taken away. */
  private static boolean value(String text, int from, int to) {
    if (from == to || to - from > LONGEST) {
      return false;
    }
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '=') {
        return false;
      }
    }
    return true;
  }
}
