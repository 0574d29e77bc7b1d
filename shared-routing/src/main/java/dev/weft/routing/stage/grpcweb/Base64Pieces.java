package dev.weft.routing.stage.grpcweb;

import io.vertx.core.buffer.Buffer;
import java.util.Base64;

/**
 * Decodes base64 that comes in pieces cut anywhere, and that may be padded wherever its writer
 * flushed. Keeps at most three characters.
 *
 * <p>Source: RFC 4648 section 4.
 */
final class Base64Pieces {

  private static final int QUANTUM = 4;

  private Buffer kept = Buffer.buffer(0);

  /**
   * @return what the piece completes; may be empty
   * @throws IllegalArgumentException where it is not base64
   */
  Buffer decoded(Buffer piece) {
    Buffer all =
        kept.length() == 0 ? piece : Buffer.buffer().appendBuffer(kept).appendBuffer(piece);
    int whole = all.length() / QUANTUM * QUANTUM;
    kept = all.getBuffer(whole, all.length());
    byte[] text = all.getBytes(0, whole);
    Buffer out = Buffer.buffer(whole / QUANTUM * 3);
    int begin = 0;
    for (int end = QUANTUM; end <= whole; end += QUANTUM) {
      if (end == whole || text[end - 1] == '=') {
        out.appendBytes(decoded(text, begin, end));
        begin = end;
      }
    }
    return out;
  }

  private static byte[] decoded(byte[] text, int begin, int end) {
    byte[] part = new byte[end - begin];
    System.arraycopy(text, begin, part, 0, part.length);
    return Base64.getDecoder().decode(part);
  }

  /** Whether all that came was decoded. */
  boolean whole() {
    return kept.length() == 0;
  }
}
