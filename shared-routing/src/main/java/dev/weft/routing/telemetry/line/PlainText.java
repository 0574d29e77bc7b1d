package dev.weft.routing.telemetry.line;

import java.nio.charset.StandardCharsets;

/**
 * Text of others on a line of ours: nothing of it can end the line, a pair of quotes or a column,
 * or steer a terminal. What could is told as {@code \\xHH}, as nginx does.
 */
final class PlainText {

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private PlainText() {}

  /**
   * Appends the first characters of a text.
   *
   * @param end how many
   * @param quoted whether it stands between double quotes, where a space is one
   */
  static void append(StringBuilder line, String text, int end, boolean quoted) {
    int at = 0;
    while (at < end) {
      int one = text.codePointAt(at);
      int next = Math.min(end, at + Character.charCount(one));
      if (harmless(one, quoted)) {
        line.append((char) one);
      } else {
        for (byte each : text.substring(at, next).getBytes(StandardCharsets.UTF_8)) {
          hex(line, each & 0xff);
        }
      }
      at = next;
    }
  }

  private static boolean harmless(int character, boolean quoted) {
    boolean printable = character > ' ' && character <= '~';
    return character == ' ' ? quoted : printable && character != '"' && character != '\\';
  }

  private static void hex(StringBuilder line, int value) {
    line.append("\\x").append(HEX[value >> 4]).append(HEX[value & 0xf]);
  }
}
