package dev.weft.routing.resilience.rate;

import dev.weft.routing.exchange.Exchange.Loop;
import io.vertx.core.Future;
import java.util.Map;

/**
 * Buckets that all proxies take from, kept outside of them. An answer comes on the event loop that
 * asked, within a time that is bounded; where none comes the future fails, and the request has to
 * be counted without it.
 */
public interface SharedBuckets {

  /**
   * What became of a request.
   *
   * @param fullMicros until the bucket is full again
   */
  record Taken(boolean passes, long fullMicros) {}

  /**
   * Takes a token of a bucket, where it has one.
   *
   * @param key of the bucket, for all proxies
   * @param intervalMicros for one token
   * @param capacityMicros for a whole bucket
   */
  Future<Taken> take(Loop loop, String key, long intervalMicros, long capacityMicros);

  /** Whether answers come, as far as is known. Any thread. */
  boolean answers();

  /** Requests that got no answer, by the reason. Any thread. */
  Map<String, Long> unanswered();

  /** Answers nothing any more. */
  void close();
}
