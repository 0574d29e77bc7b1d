package dev.weft.routing.verticle;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the steps of the dashboard's window, one after the other, on a worker. */
public final class DashboardVerticle extends VerticleBase {

  private static final Logger LOG = LoggerFactory.getLogger(DashboardVerticle.class);
  private static final Duration STEP = Duration.ofSeconds(10);

  private final Runnable step;

  /**
   * @param step ends one; blocks for milliseconds
   */
  public DashboardVerticle(Runnable step) {
    this.step = step;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(STEP.toMillis(), timer -> next());
    return Future.succeededFuture();
  }

  private void next() {
    vertx
        .executeBlocking(
            () -> {
              step.run();
              return true;
            })
        .onFailure(failed -> LOG.warn("dashboard: a step was not kept: {}", failed.toString()));
  }
}
