package dev.weft.routing.resilience.rate;

import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RateLimit.Scope;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import net.openhft.hashing.LongHashFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of one limit, by their key: of each key a bucket of {@code burst} tokens that
 * gains {@code requests} in each {@code per}, evenly, and gives one for each request. Shared by all
 * event loops, so that the limit is exact for the proxy; no lock on a request's way but where a key
 * is new.
 *
 * <p>It is the generic cell rate algorithm: of each key only the time is kept at which its bucket
 * is full again. A key whose time is over says nothing and may be forgotten; of more than {@link
 * #MOST_KEYS} those are forgotten that are nearest to full, so that memory is bounded. A key is
 * kept as 64 bits of a hash that nobody outside can foretell.
 *
 * <p>Source: ITU-T I.371; {@code ProxySettings.routes[].rateLimit}.
 */
public final class RateLimiter {

  /** Keys that are known at once, about 100 bytes each. */
  public static final int MOST_KEYS = 16_384;

  private static final int LOOKED_AT = 32; // when one must go
  private static final long GONE = Long.MIN_VALUE; // of a bucket that is in no map any more
  private static final long LONGEST = 1L << 61; // nanoseconds: 73 years
  private static final long MICROSECOND = 1000; // of limits that are counted elsewhere too
  private static final long SECOND = 1_000_000_000L;

  private final long interval; // nanoseconds for one token
  private final long capacity; // nanoseconds for a whole bucket
  private final long originNanos;
  private final String policy;
  private final LongHashFunction hash;
  private final Map<Long, AtomicLong> buckets = new ConcurrentHashMap<>();
  private Iterator<Map.Entry<Long, AtomicLong>> looking = Collections.emptyIterator(); // goes on
  private final LongAdder refused = new LongAdder();

  /**
   * @param originNanos now, by the ticker that later asks
   * @param seed of the keys' hash
   */
  public RateLimiter(RateLimit limit, long originNanos, long seed) {
    long unit = limit.scope() == Scope.REDIS ? MICROSECOND : 1;
    this.interval = Math.max(1, limit.per().toNanos() / limit.requests() / unit) * unit;
    this.capacity = interval * Math.min(limit.burst(), LONGEST / interval);
    this.originNanos = originNanos;
    this.hash = LongHashFunction.xx(seed);
    long window = (limit.per().toNanos() + SECOND - 1) / SECOND;
    double quota = (double) limit.requests() * window * SECOND / limit.per().toNanos();
    this.policy = "\"default\";q=" + (long) quota + ";w=" + window;
  }

  /**
   * What became of a request.
   *
   * @param remaining whole requests that might follow at once
   * @param waitNanos until another one may pass; 0 where one may now
   * @param fullNanos until the bucket is full again
   */
  public record Verdict(boolean passes, long remaining, long waitNanos, long fullNanos) {}

  /**
   * Counts a request.
   *
   * @param key whose it is
   */
  public Verdict ask(String key, long nowNanos) {
    long now = nowNanos - originNanos;
    Long hashed = hash.hashChars(key);
    while (true) {
      AtomicLong bucket = buckets.get(hashed);
      if (bucket == null) {
        bucket = opened(hashed, now);
      }
      long full = bucket.get();
      if (full != GONE) {
        long next = Math.max(full, now) + interval;
        boolean passes = next - now <= capacity;
        if (!passes) {
          refused.increment();
          return new Verdict(false, 0, next - now - capacity, full - now);
        }
        if (bucket.compareAndSet(full, next)) {
          return verdict(next, now);
        }
      }
    }
  }

  private Verdict verdict(long full, long now) {
    long remaining = (capacity - (full - now)) / interval;
    long wait = remaining > 0 ? 0 : full + interval - now - capacity;
    return new Verdict(true, remaining, wait, full - now);
  }

  /** The verdict of a count that was kept elsewhere, by the time until that bucket is full. */
  Verdict counted(boolean passes, long fullNanos) {
    if (passes) {
      return verdict(fullNanos, 0);
    }
    refused.increment();
    return new Verdict(false, 0, Math.max(1, fullNanos + interval - capacity), fullNanos);
  }

  long intervalNanos() {
    return interval;
  }

  long capacityNanos() {
    return capacity;
  }

  private AtomicLong opened(Long key, long now) {
    if (buckets.size() >= MOST_KEYS) {
      forget(now);
    }
    return buckets.computeIfAbsent(key, any -> new AtomicLong(now));
  }

  /** Lets go of those that are full among the next few, or else of the one nearest to full. */
  private synchronized void forget(long now) {
    Map.@Nullable Entry<Long, AtomicLong> nearest = null;
    long least = Long.MAX_VALUE;
    boolean room = false;
    if (!looking.hasNext()) {
      looking = buckets.entrySet().iterator();
    }
    for (int i = 0; i < LOOKED_AT && looking.hasNext(); i++) {
      Map.Entry<Long, AtomicLong> one = looking.next();
      long full = one.getValue().get();
      if (full <= now) {
        room |= gone(one, full);
      } else if (full < least) {
        least = full;
        nearest = one;
      }
    }
    if (!room && nearest != null) {
      gone(nearest, least);
    }
  }

  /** Whoever holds the bucket still sees that it is gone, and asks again. */
  private boolean gone(Map.Entry<Long, AtomicLong> one, long full) {
    return one.getValue().compareAndSet(full, GONE) && buckets.remove(one.getKey(), one.getValue());
  }

  /** The value of {@code RateLimit-Policy}. */
  public String policy() {
    return policy;
  }

  /** Requests that did not pass, since it was made. */
  public long refused() {
    return refused.sum();
  }

  /** Keys that are known. */
  public int keys() {
    return buckets.size();
  }
}
