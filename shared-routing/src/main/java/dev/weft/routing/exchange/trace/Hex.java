package dev.weft.routing.exchange.trace;

import java.nio.charset.StandardCharsets;

/** Ids of traces as hexadecimal digits, read and written without a text between. */
final class Hex {

  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int BITS = 4;

  private Hex() {}

  /**
   * Whether all of a part are digits.
   *
   * @param upper whether upper-case ones are too
   */
  static boolean all(CharSequence text, int from, int to, boolean upper) {
    for (int i = from; i < to; i++) {
      if (digit(text.charAt(i), upper) < 0) {
        return false;
      }
    }
    return true;
  }

  /** The number of a part of at most 16 digits, all of which are some. */
  static long read(CharSequence text, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      value = (value << BITS) | digit(text.charAt(i), true);
    }
    return value;
  }

  /** Writes as many digits as there is place for. */
  static void write(long value, byte[] into, int from, int to) {
    long rest = value;
    for (int i = to - 1; i >= from; i--) {
      into[i] = DIGITS[(int) (rest & 0xF)];
      rest >>>= BITS;
    }
  }

  static String of(long value) {
    byte[] text = new byte[16];
    write(value, text, 0, text.length);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  private static int digit(char c, boolean upper) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    return upper && c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }
}
