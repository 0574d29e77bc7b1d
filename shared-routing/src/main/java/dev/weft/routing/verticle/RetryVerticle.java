package dev.weft.routing.verticle;

import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refills the retry budgets once a second and tells on the event bus of those that were empty when
 * a retry was wanted: {@code retry.budget.exhausted} with {@code cluster} and {@code refused}, how
 * many retries were held back since the last time. At most one such event a second and cluster.
 */
public final class RetryVerticle extends VerticleBase {

  /** Event bus address of budgets that were empty. */
  public static final String EXHAUSTED = "retry.budget.exhausted";

  private static final Logger LOG = LoggerFactory.getLogger(RetryVerticle.class);
  private static final long REFILL_MILLIS = 1000; // what RetryBudget.refill asks for

  private final Supplier<Collection<Upstream>> upstreams;
  private Map<ClusterName, Long> told = new HashMap<>();

  /**
   * @param upstreams all there are now, asked once a second
   */
  public RetryVerticle(Supplier<Collection<Upstream>> upstreams) {
    this.upstreams = upstreams;
  }

  @Override
  public Future<?> start() {
    next();
    return Future.succeededFuture();
  }

  /**
   * A second begins where the one before was seen to end. Seconds that passed while this process
   * stood still are not made up for: each would look like one without requests, and leave nothing
   * for the requests that waited meanwhile.
   */
  private void next() {
    vertx.setTimer(
        REFILL_MILLIS,
        over -> {
          refill();
          next();
        });
  }

  private void refill() {
    Map<ClusterName, Long> now = new HashMap<>();
    for (Upstream upstream : upstreams.get()) {
      upstream.budget().refill();
      long refused = upstream.budget().refused();
      now.put(upstream.name(), refused);
      long before = told.getOrDefault(upstream.name(), 0L);
      if (refused > before) {
        tell(upstream.name(), refused - before);
      }
    }
    told = now;
  }

  private void tell(ClusterName cluster, long refused) {
    LOG.warn("{}: retry budget exhausted, {} retries held back", cluster, refused);
    vertx
        .eventBus()
        .publish(
            EXHAUSTED, new JsonObject().put("cluster", cluster.toString()).put("refused", refused));
  }
}
