package dev.weft.routing.cluster;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import net.openhft.hashing.LongHashFunction;

/**
 * Ketama's ring: each endpoint at many places, a key belongs to the next one. An endpoint that
 * leaves gives away its own keys only.
 *
 * <p>Source: Envoy RING_HASH; a request without a key goes by chance.
 */
final class RingHash implements LoadBalancer {

  private static final int MOST_PLACES = 1 << 20;
  private static final int PLACES = 256;

  private final long[] places;
  private final int[] owners;
  private final LoadBalancer keyless;

  RingHash(List<Endpoint> endpoints, long minimumSize, LoadBalancer keyless) {
    this.keyless = keyless;
    long total = endpoints.stream().mapToLong(e -> Math.max(1, e.weight())).sum();
    long least = endpoints.stream().mapToLong(e -> Math.max(1, e.weight())).min().orElse(1);
    long each = PLACES; // for the least weight, doubled only: a newcomer must not move the others
    while (each * total / least < minimumSize) {
      each *= 2;
    }
    double perWeight = Math.min((double) each / least, (double) MOST_PLACES / total);
    long[] hashes = new long[0];
    int[] indexes = new int[0];
    for (int i = 0; i < endpoints.size(); i++) {
      Endpoint endpoint = endpoints.get(i);
      int share = (int) Math.ceil(perWeight * Math.max(1, endpoint.weight()));
      int from = hashes.length;
      hashes = Arrays.copyOf(hashes, from + share);
      indexes = Arrays.copyOf(indexes, from + share);
      for (int j = 0; j < share; j++) {
        hashes[from + j] = LongHashFunction.xx().hashChars(endpoint.address() + "_" + j);
        indexes[from + j] = i;
      }
    }
    long[] unsorted = hashes;
    int[] unsortedOwners = indexes;
    int[] order =
        IntStream.range(0, unsorted.length)
            .boxed()
            .sorted(Comparator.comparingLong(i -> unsorted[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    this.places = Arrays.stream(order).mapToLong(i -> unsorted[i]).toArray();
    this.owners = Arrays.stream(order).map(i -> unsortedOwners[i]).toArray();
  }

  @Override
  public int choose(long draw, OptionalLong hash) {
    if (hash.isEmpty()) {
      return keyless.choose(draw, hash);
    }
    int found = Arrays.binarySearch(places, hash.getAsLong());
    int next = found >= 0 ? found : -found - 1;
    return owners[next == places.length ? 0 : next];
  }
}
