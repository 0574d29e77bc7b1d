package dev.weft.control.stream;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * What a proxy is told of a version: one line, handed out in pieces, so that a whole configuration
 * is never in memory as often as there are proxies that wait for it.
 *
 * @param now all that it has then, by the names of resources; never changing, and known by its
 *     identity
 * @param set what is new or other than before; all written already
 * @param gone names
 * @param told whether there is anything to tell
 */
record Change(
    long version, Map<String, Part> now, List<Part> set, List<String> gone, boolean told) {

  private static final int PIECE = 32_768; // bytes, but for a resource that is larger by itself

  Change {
    set = List.copyOf(set);
    gone = List.copyOf(gone);
  }

  /** The line, end included; each piece made when it is asked for. */
  Iterator<Buffer> pieces() {
    return new Pieces();
  }

  private final class Pieces implements Iterator<Buffer> {

    private int next; // of set
    private boolean over;

    @Override
    public boolean hasNext() {
      return !over;
    }

    @Override
    public Buffer next() {
      if (over) {
        throw new NoSuchElementException();
      }
      Buffer piece = Buffer.buffer(next == 0 ? "{\"version\":" + version + ",\"set\":{" : "");
      while (next < set.size() && piece.length() < PIECE) {
        piece.appendString(next == 0 ? "" : ",").appendBuffer(set.get(next).text());
        next++;
      }
      if (next == set.size()) {
        piece.appendString("},\"remove\":" + new JsonArray(gone).encode() + "}\n");
        over = true;
      }
      return piece;
    }
  }
}
