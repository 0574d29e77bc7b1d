package dev.weft.routing.cluster.balance;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import net.openhft.hashing.LongHashFunction;

/**
 * Ketama's ring: each endpoint at many places, a key belongs to the next one. An endpoint that
 * leaves gives away its own keys only, since the places of the others do not depend on how many
 * there are: at 512 places each share is even to a twentieth, so that no endpoint owns more than
 * 1.2 of its part.
 *
 * <p>An endpoint's number stands in the low bits of its places: one array is searched, and sorting
 * it moves no objects.
 *
 * <p>Source: Envoy RING_HASH; a request without a key goes by chance.
 */
final class RingHash implements LoadBalancer {

  private static final int MOST_PLACES = 1 << 20; // 8 MB
  private static final int LEAST_EACH = 512;
  private static final int MOST_EACH = 1 << 16;

  private final long[] places;
  private final long numbers; // the bits that are an endpoint's number
  private final LoadBalancer keyless;

  RingHash(List<? extends Candidate> candidates, long minimumSize, LoadBalancer keyless) {
    this.keyless = keyless;
    this.numbers = (Long.highestOneBit(Math.max(1, candidates.size() - 1)) << 1) - 1;
    int[] shares = shares(candidates, minimumSize);
    this.places = new long[Arrays.stream(shares).sum()];
    int next = 0;
    for (int i = 0; i < shares.length; i++) {
      LongHashFunction hash =
          LongHashFunction.xx(LongHashFunction.xx().hashChars(candidates.get(i).address()));
      for (int j = 0; j < shares[i]; j++) {
        places[next++] = (hash.hashInt(j) & ~numbers) | i;
      }
    }
    Arrays.sort(places);
  }

  /** Places of each: by its weight over a power of two near the middle one. */
  private static int[] shares(List<? extends Candidate> candidates, long minimumSize) {
    int[] weights = candidates.stream().mapToInt(one -> Math.max(1, one.weight())).toArray();
    int[] sorted = weights.clone();
    Arrays.sort(sorted);
    double unit = Integer.highestOneBit(sorted[sorted.length / 2]);
    double total = Arrays.stream(weights).asLongStream().sum() / unit;
    double each = LEAST_EACH; // doubled and halved only: what stays keeps its places
    while (each * 2 < minimumSize && each < MOST_EACH) {
      each *= 2;
    }
    while (each * total > MOST_PLACES) {
      each /= 2;
    }
    double places = each / unit;
    return Arrays.stream(weights)
        .map(weight -> (int) Math.max(1, Math.round(weight * places)))
        .toArray();
  }

  @Override
  public int choose(long draw, OptionalLong hash, int round) {
    if (hash.isEmpty()) {
      return keyless.choose(draw, hash, round);
    }
    int found = Arrays.binarySearch(places, hash.getAsLong() & ~numbers);
    int place = found >= 0 ? found : -found - 1;
    place = place == places.length ? 0 : place;
    for (int i = 0; i < round; i++) {
      place = nextOwner(place);
    }
    return owner(place);
  }

  /** The next place that is another endpoint's. */
  private int nextOwner(int from) {
    int place = from;
    do {
      place = place + 1 == places.length ? 0 : place + 1;
    } while (owner(place) == owner(from) && place != from);
    return place;
  }

  private int owner(int place) {
    return (int) (places[place] & numbers);
  }
}
