package dev.weft.routing.route.sticky;

import dev.weft.config.model.settings.StickyKey;
import dev.weft.routing.route.match.CookieText;
import io.vertx.core.MultiMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.openhft.hashing.LongHashFunction;
import org.jspecify.annotations.Nullable;

/**
 * Divides the users of a rule among its destinations, in proportion to their weights, so that each
 * stays where he is.
 *
 * <p>Each destination draws for each user, by its own name and nothing else, a time that is the
 * shorter the larger its weight is; the first one has him (weighted rendezvous: of exponential
 * times with rates {@code w} the least is the i-th one's with probability {@code w[i] / sum}). An
 * edit that raises one weight shortens the times of that destination alone: users move to it or not
 * at all, and whoever is there stays. An edit that lowers one moves users from it alone. With two
 * destinations every edit does only either. The order of destinations and a common factor of all
 * weights change nothing.
 *
 * <p>A user's hash is mixed with the rule's name, so that one who is early for one rule is not for
 * all. The same name gives the same cohorts at every hop, in every process and in every
 * explanation: nothing here depends on the machine ({@link StrictMath}). Costs a logarithm for each
 * destination and allocates nothing. Immutable.
 *
 * <p>Source: {@code ProxySettings.routes[].sticky}; Thaler and Ravishankar, "Using name-based
 * mappings to increase hit rates".
 */
public final class Cohorts {

  private static final LongHashFunction HASH = LongHashFunction.xx();
  private static final double UNIT = 0x1.0p-53;

  private final StickyKey key;
  private final int[] weights;
  private final long[] names; // hashes, of the rule's and each destination's

  /**
   * @param rule its name for people, the same at every hop
   * @param destinations by name, in the rule's order
   * @param weights of theirs; a weight of 0 has nobody
   */
  public Cohorts(StickyKey key, String rule, List<String> destinations, List<Integer> weights) {
    this.key = key;
    this.weights = weights.stream().mapToInt(Integer::intValue).toArray();
    this.names = new long[destinations.size()];
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < names.length; i++) {
      String name = destinations.get(i);
      int again = seen.merge(name, 1, Integer::sum); // one that is there twice draws twice
      names[i] = HASH.hashChars(rule + "\n" + name + "\n" + again);
    }
  }

  public StickyKey key() {
    return key;
  }

  /**
   * Who asks; null where nothing tells, so that the request is drawn by itself.
   *
   * @param seed of the exchange, of which a new user's cookie is made
   */
  public @Nullable String user(MultiMap headers, long seed) {
    if (key instanceof StickyKey.Header header) {
      return headers.get(header.name());
    }
    StickyKey.Cookie cookie = (StickyKey.Cookie) key;
    String value = CookieText.value(headers, cookie.name());
    return value == null ? newcomer(seed) : value;
  }

  /** The cookie of a user who has none. */
  public static String newcomer(long seed) {
    return Long.toHexString(mixed(seed));
  }

  /** The index of the destination that a user is on. */
  public int pick(String user) {
    long hash = HASH.hashChars(user);
    int chosen = 0;
    double first = Double.POSITIVE_INFINITY;
    for (int i = 0; i < names.length; i++) {
      if (weights[i] > 0) {
        double even = ((mixed(hash ^ names[i]) >>> 11) + 0.5) * UNIT; // within 0 and 1
        double time = -StrictMath.log(even) / weights[i];
        if (time < first) {
          first = time;
          chosen = i;
        }
      }
    }
    return chosen;
  }

  /** The finaliser of SplitMix64, as draws are mixed. */
  private static long mixed(long bits) {
    long z = bits + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
