package dev.weft.routing.stage.edge;

import dev.weft.config.model.security.IpBlock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Blocks of addresses as ranges that do not overlap, in order: a look-up takes as many steps as
 * their number has bits, and allocates nothing. Immutable.
 */
final class Ranges {

  private static final Comparator<IpBlock> BY_FIRST =
      Comparator.<IpBlock>comparingLong(block -> block.firstHigh() ^ Long.MIN_VALUE)
          .thenComparingLong(block -> block.firstLow() ^ Long.MIN_VALUE)
          .thenComparingInt(IpBlock::bits);

  private final long[] firstHigh;
  private final long[] firstLow;
  private final IpBlock[] blocks;

  /**
   * @param all of one family
   */
  Ranges(List<IpBlock> all) {
    List<IpBlock> apart = new ArrayList<>(); // blocks are within one another, or apart
    for (IpBlock block : all.stream().sorted(BY_FIRST).toList()) {
      if (apart.isEmpty() || !apart.get(apart.size() - 1).contains(block)) {
        apart.add(block);
      }
    }
    this.blocks = apart.toArray(IpBlock[]::new);
    this.firstHigh = apart.stream().mapToLong(IpBlock::firstHigh).toArray();
    this.firstLow = apart.stream().mapToLong(IpBlock::firstLow).toArray();
  }

  boolean empty() {
    return blocks.length == 0;
  }

  /** Whether a block has the address. */
  boolean contain(IpBlock address) {
    int from = 0;
    int to = blocks.length;
    while (from < to) { // blocks[from - 1] begins at the address or before
      int middle = (from + to) >>> 1;
      if (after(middle, address)) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from > 0 && blocks[from - 1].contains(address);
  }

  private boolean after(int index, IpBlock address) {
    int high = Long.compareUnsigned(firstHigh[index], address.firstHigh());
    return high > 0 || (high == 0 && Long.compareUnsigned(firstLow[index], address.firstLow()) > 0);
  }
}
