package dev.weft.routing.authentication.jwt;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Texts of a token as values of headers: in UTF-8, each byte as one character (RFC 9110 section
 * 5.5), and none that would begin another line.
 */
final class HeaderText {

  private static final int DELETE = 0x7F;

  private HeaderText() {}

  /** Null where it cannot be told. */
  static @Nullable String of(String text) {
    boolean ascii = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == DELETE) {
        return null;
      }
      ascii &= c < DELETE;
    }
    return ascii
        ? text
        : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
