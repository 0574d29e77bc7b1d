package dev.weft.routing.route;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Entries by the prefix of their path: one walk over the path's characters, a look-up at each
 * length that some prefix has, nothing allocated. Flat in the number of prefixes.
 */
final class PrefixIndex {

  private final BitSet lengths = new BitSet();
  private final int longest;
  private final Slot[] slots; // open addressing; the length is a power of two, at most half full

  private record Slot(String prefix, int hash, Bucket bucket) {}

  PrefixIndex(Map<String, List<Entry>> byPrefix) {
    this.slots = new Slot[Integer.highestOneBit(Math.max(1, byPrefix.size())) * 4];
    byPrefix.forEach(
        (prefix, entries) -> {
          lengths.set(prefix.length());
          insert(new Slot(prefix, prefix.hashCode(), Bucket.of(entries)));
        });
    this.longest = lengths.length() - 1;
  }

  private void insert(Slot slot) {
    int at = spread(slot.hash()) & (slots.length - 1);
    while (slots[at] != null) {
      at = (at + 1) & (slots.length - 1);
    }
    slots[at] = slot;
  }

  private static int spread(int hash) {
    return hash ^ (hash >>> 15);
  }

  @Nullable Entry first(RequestHead head, Caller caller, @Nullable Entry best) {
    String path = head.path();
    Entry found = best;
    int hash = 0; // as String.hashCode of the prefix so far
    int end = Math.min(longest, path.length());
    for (int length = 0; length <= end; length++) {
      if (lengths.get(length)) {
        Bucket bucket = bucket(path, length, hash);
        if (bucket != null) {
          found = bucket.first(head, caller, found);
        }
      }
      if (length < end) {
        hash = 31 * hash + path.charAt(length);
      }
    }
    return found;
  }

  private @Nullable Bucket bucket(String path, int length, int hash) {
    int at = spread(hash) & (slots.length - 1);
    while (true) {
      Slot slot = slots[at];
      if (slot == null) {
        return null;
      }
      if (slot.hash() == hash
          && slot.prefix().length() == length
          && path.startsWith(slot.prefix())) {
        return slot.bucket();
      }
      at = (at + 1) & (slots.length - 1);
    }
  }
}
