package dev.weft.cli;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/** A body of any length that costs its sender one piece of memory, however many are under way. */
final class PouredBody {

  private static final Buffer PIECE = Buffer.buffer(new byte[1 << 16]);

  private PouredBody() {}

  /** Answers with so many bytes, as fast as they are taken and no faster. */
  static void answer(HttpServerResponse out, long length) {
    out.putHeader("content-length", Long.toString(length));
    pour(out, length);
  }

  private static void pour(HttpServerResponse out, long left) {
    long rest = left;
    while (rest > 0 && !out.closed()) {
      int piece = (int) Math.min(rest, PIECE.length());
      rest -= piece;
      out.write(piece == PIECE.length() ? PIECE : PIECE.slice(0, piece));
      if (out.writeQueueFull()) {
        long then = rest;
        out.drainHandler(drained -> pour(out, then));
        return;
      }
    }
    if (!out.closed()) {
      out.end();
    }
  }
}
