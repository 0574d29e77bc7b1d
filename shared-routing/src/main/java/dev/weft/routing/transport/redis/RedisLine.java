package dev.weft.routing.transport.redis;

import dev.weft.routing.resilience.rate.SharedBuckets.Taken;
import io.vertx.core.Future;
import java.util.function.Consumer;

/** One connection to a Redis; it is never opened again. Only its event loop may enter. */
interface RedisLine {

  /**
   * Takes a token, as {@link RedisBuckets#take} does, but for as long as it takes: what bounds the
   * wait, and the number of those who wait, is the {@link RedisLink}. Fails with {@link Refused},
   * or where the connection is of no use any more.
   */
  Future<Taken> take(String key, long intervalMicros, long capacityMicros);

  /** Asks for a bucket that is always full: whether it answers, and may be asked. */
  Future<Taken> probe();

  /**
   * @param told why it ended, at most once by this connection and at most once by its error
   */
  void onEnd(Consumer<String> told);

  void close();

  /** It answered, but not what was asked. */
  final class Refused extends Exception {

    private static final long serialVersionUID = 1;

    Refused(String said) {
      super(said, null, false, false);
    }
  }
}
