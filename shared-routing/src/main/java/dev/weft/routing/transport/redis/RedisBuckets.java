package dev.weft.routing.transport.redis;

import dev.weft.config.model.settings.Redis;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.resilience.rate.SharedBuckets;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Buckets in a Redis, over one connection of each event loop. Any thread may enter. */
public final class RedisBuckets implements SharedBuckets {

  private record OfLoop(Context context, RedisLink link) {}

  private final List<OfLoop> loops = new ArrayList<>();
  private final LinkStanding standing;

  private RedisBuckets(Redis redis, Ticker ticker, int count) {
    this.standing = new LinkStanding(redis.address(), count, ticker);
  }

  /**
   * Begins to connect.
   *
   * @param contexts of all event loops, in their order
   */
  public static RedisBuckets open(Vertx vertx, Redis redis, Ticker ticker, List<Context> contexts) {
    RedisBuckets buckets = new RedisBuckets(redis, ticker, contexts.size());
    RedisConnector connector = new RedisConnector(vertx, redis);
    for (Context context : contexts) {
      SplittableRandom random = new SplittableRandom();
      RedisLink.Turns turns =
          new RedisLink.Turns(
              new VertxTimers(vertx), ticker, redis.timeout(), most -> random.nextLong(most + 1));
      RedisLink link = new RedisLink(connector, turns, buckets.standing);
      buckets.loops.add(new OfLoop(context, link));
      context.runOnContext(begin -> link.open());
    }
    return buckets;
  }

  @Override
  public Future<Taken> take(Loop loop, String key, long intervalMicros, long capacityMicros) {
    return loops.get(loop.index()).link.take(key, intervalMicros, capacityMicros);
  }

  @Override
  public boolean answers() {
    return standing.all();
  }

  @Override
  public Map<String, Long> unanswered() {
    return standing.unanswered();
  }

  @Override
  public void close() {
    loops.forEach(one -> one.context.runOnContext(end -> one.link.close()));
  }
}
