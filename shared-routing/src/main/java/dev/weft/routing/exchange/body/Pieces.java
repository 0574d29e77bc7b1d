package dev.weft.routing.exchange.body;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of a body that are kept in their order. Of many little ones each would hold many times its
 * bytes, so that these are put together. On the body's event loop only.
 */
final class Pieces {

  private static final int FEW = 8; // that are kept as they came
  private static final int LITTLE = Buffered.SMALL / 4; // bytes

  private final List<Buffer> all = new ArrayList<>(1);
  private @Nullable Buffer joined; // the last one, while nobody was given it

  void add(Buffer piece) {
    Buffer last = joined;
    if (last != null && last.length() + piece.length() <= Buffered.SMALL) {
      last.appendBuffer(piece);
    } else if (all.size() >= FEW && piece.length() < LITTLE) {
      joined = Buffer.buffer(Buffered.SMALL).appendBuffer(piece);
      all.add(joined);
    } else {
      joined = null;
      all.add(piece);
    }
  }

  /** As they are now, for somebody who writes them: what comes later is in others. */
  List<Buffer> given() {
    joined = null;
    return all;
  }

  /**
   * A copy.
   *
   * @param bytes that they have
   */
  Buffer together(long bytes) {
    Buffer copy = Buffer.buffer((int) bytes);
    all.forEach(copy::appendBuffer);
    return copy;
  }

  void clear() {
    joined = null;
    all.clear();
  }
}
