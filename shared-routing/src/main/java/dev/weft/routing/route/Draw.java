package dev.weft.routing.route;

/**
 * Mixes the draws of an exchange from its seed: the same seed, purpose and rule give the same draw,
 * on every hop's log and in every explanation; two purposes give draws that know nothing of each
 * other.
 *
 * <p>Source: the finaliser of Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators" (SplitMix64).
 */
public final class Draw {

  /** What is drawn for. */
  public enum Purpose {
    DESTINATION(1),
    DELAY(2),
    ABORT(3),
    MIRROR(4),
    ENDPOINT(5),
    BACKOFF(6),
    TRACE(7),
    SPAN(8),
    LOG(9);

    private final long salt;

    Purpose(long salt) {
      this.salt = salt;
    }
  }

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int MILLION = 1_000_000;

  private Draw() {}

  /** 64 even bits. */
  public static long mix(long seed, Purpose purpose, int index) {
    long z = seed + GOLDEN * purpose.salt + 0xD1B54A32D192ED03L * (index + 1L);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Whether a draw falls within so many of a million. */
  public static boolean hits(long draw, int perMillion) {
    return perMillion > 0 && Long.remainderUnsigned(draw, MILLION) < perMillion;
  }
}
