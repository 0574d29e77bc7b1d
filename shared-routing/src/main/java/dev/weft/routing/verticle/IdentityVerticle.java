package dev.weft.routing.verticle;

import dev.weft.routing.identity.IdentitySource;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.nio.file.attribute.FileTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the workload's certificate issued and renewed, or read from a folder, as its source does, and
 * tells {@code identity.rotated} with {@code id} and {@code notAfter} whenever there is another. Is
 * deployed once there is the first; fails to deploy where there can never be one.
 */
public final class IdentityVerticle extends VerticleBase {

  /** Event bus address of new certificates, the first one too. */
  public static final String ROTATED = "identity.rotated";

  private static final Logger LOG = LoggerFactory.getLogger(IdentityVerticle.class);

  private final IdentitySource source;
  private final IdentityStore store;

  /**
   * @param source publishes into {@code store}
   */
  public IdentityVerticle(IdentitySource source, IdentityStore store) {
    this.source = source;
    this.store = store;
  }

  @Override
  public Future<?> start() {
    store.onChange(this::rotated);
    return source.start().onSuccess(first -> LOG.info("identity {}", first));
  }

  private void rotated(WorkloadIdentity identity) {
    JsonObject event =
        new JsonObject()
            .put("id", identity.id().toString())
            .put("notAfter", FileTime.from(identity.notAfter()).toString());
    vertx.eventBus().publish(ROTATED, event);
  }

  @Override
  public Future<?> stop() {
    source.close();
    return Future.succeededFuture();
  }
}
