package dev.weft.routing.listener.http1;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * What Netty would read out of a head, and other servers otherwise: a line that is folded (it would
 * become one with the line before, where another server sees a header of its own or none), and what
 * stands before a request and is no empty line.
 *
 * <p>Costs a search for each end of a line, eight bytes at a time.
 *
 * <p>Source: RFC 9112 sections 2.2 and 5.2 (a server may refuse folded lines).
 */
final class HeadBytes {

  private static final Optional<String> FOLDED = Optional.of("a line of its head is folded");
  private static final Optional<String> STRANGE = Optional.of("something stands before it");

  private HeadBytes() {}

  /**
   * What is wrong with the head that goes on, or begins, with {@code in}; empty where nothing is as
   * far as it came.
   *
   * @param begun whether its first line was read; then {@code in} is at the beginning of a line
   */
  static Optional<String> fault(ByteBuf in, boolean begun) {
    int from = in.readerIndex();
    int end = in.writerIndex();
    if (!begun) {
      while (from < end && newline(in.getByte(from))) {
        from++;
      }
      if (from < end
          && (in.getByte(from) <= ' ' || in.getByte(from) == 127)) { // negative: no ASCII
        return STRANGE;
      }
    } else if (from < end && blank(in.getByte(from))) {
      return FOLDED;
    }
    return folded(in, from, end) ? FOLDED : Optional.empty();
  }

  private static boolean folded(ByteBuf in, int from, int end) {
    int line = in.indexOf(from, end, (byte) '\n') + 1;
    while (line > 0 && line < end) {
      byte first = in.getByte(line);
      if (newline(first)) {
        return false; // the end of the head
      }
      if (blank(first)) {
        return true;
      }
      line = in.indexOf(line, end, (byte) '\n') + 1;
    }
    return false;
  }

  private static boolean newline(byte one) {
    return one == '\r' || one == '\n';
  }

  private static boolean blank(byte one) {
    return one == ' ' || one == '\t';
  }
}
