package dev.weft.config.yaml;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes the bytes of a file, and keeps those that are no UTF-8 as characters that YAML does not
 * allow (U+DC80 to U+DCFF), so that they are told with their place like any other fault.
 *
 * <p>Source: Python's PEP 383, "surrogateescape".
 */
public final class Utf8 {

  private static final int FIRST = 0xDC80;
  private static final int LAST = 0xDCFF;

  private Utf8() {}

  /** The text of {@code bytes}; a mark of the byte order in front of it is left out. */
  public static String decode(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    while (in.hasRemaining()) {
      CoderResult result = decoder.decode(in, out, true);
      for (int i = 0; result.isError() && i < result.length(); i++) {
        out.put((char) (0xDC00 + (in.get() & 0xFF)));
      }
    }
    String text = out.flip().toString();
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  static boolean isForeign(int codePoint) {
    return codePoint >= FIRST && codePoint <= LAST;
  }

  static int foreignByte(int codePoint) {
    return codePoint - 0xDC00;
  }
}
