package dev.weft.routing.cluster.balance;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import net.openhft.hashing.LongHashFunction;

/**
 * Google's Maglev table: each endpoint owns an even part of a table of prime size; a pick is one
 * look-up. When one of n goes, about half a percent of the keys of the others move too, at 65,537
 * slots: up to 30 endpoints that is below a fifth of its part; more of them want a larger table
 * (655,357 and more for 100), or a ring.
 *
 * <p>Source: Eisenbud et al., "Maglev", NSDI 2016, section 3.4; Envoy MAGLEV.
 */
final class Maglev implements LoadBalancer {

  private final int[] table;
  private final LoadBalancer keyless;

  /**
   * @param size a prime
   */
  Maglev(List<? extends Candidate> endpoints, int size, LoadBalancer keyless) {
    this.keyless = keyless;
    this.table = new int[size];
    Arrays.fill(table, -1);
    int count = endpoints.size();
    long[] offset = new long[count];
    long[] skip = new long[count];
    double[] due = new double[count];
    int heaviest = 1;
    for (int i = 0; i < count; i++) {
      String name = endpoints.get(i).address();
      offset[i] = Long.remainderUnsigned(LongHashFunction.xx().hashChars(name), size);
      skip[i] = Long.remainderUnsigned(LongHashFunction.xx(1).hashChars(name), size - 1L) + 1;
      heaviest = Math.max(heaviest, endpoints.get(i).weight());
    }
    int filled = 0;
    for (int round = 1; filled < size; round++) {
      for (int i = 0; i < count && filled < size; i++) {
        double share = (double) Math.max(1, endpoints.get(i).weight()) / heaviest;
        if (round * share < due[i] + 1) {
          continue;
        }
        due[i]++;
        while (table[(int) offset[i]] >= 0) {
          offset[i] = (offset[i] + skip[i]) % size;
        }
        table[(int) offset[i]] = i;
        filled++;
      }
    }
  }

  @Override
  public int choose(long draw, OptionalLong hash, int round) {
    if (hash.isEmpty()) {
      return keyless.choose(draw, hash, round);
    }
    long key = round == 0 ? hash.getAsLong() : Mixing.mix(hash.getAsLong(), round);
    return table[(int) Long.remainderUnsigned(key, table.length)];
  }
}
