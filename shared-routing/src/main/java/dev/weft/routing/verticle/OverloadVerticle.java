package dev.weft.routing.verticle;

import dev.weft.config.model.settings.Overload.Mode;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.overload.AdaptiveLimit;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotStore;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds ten times a second how much each upstream can take at once, and tells on the event bus
 * where more than that comes: {@code overload.began} and {@code overload.ended} with {@code
 * cluster}.
 */
public final class OverloadVerticle extends VerticleBase {

  /** Event bus address of upstreams that get more than they can do. */
  public static final String BEGAN = "overload.began";

  /** Event bus address of upstreams that can do what they get again. */
  public static final String ENDED = "overload.ended";

  private static final Logger LOG = LoggerFactory.getLogger(OverloadVerticle.class);
  private static final long LOOK_MILLIS = 100;

  private final Supplier<Collection<Upstream>> upstreams;
  private final SnapshotStore store;
  private final Ticker ticker;
  private final Set<ClusterName> limited = new HashSet<>();

  /**
   * @param upstreams all there are now
   * @param store says whether limits are to be found; otherwise there are none
   */
  public OverloadVerticle(
      Supplier<Collection<Upstream>> upstreams, SnapshotStore store, Ticker ticker) {
    this.upstreams = upstreams;
    this.store = store;
    this.ticker = ticker;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(LOOK_MILLIS, tick -> look());
    return Future.succeededFuture();
  }

  void look() {
    boolean wanted = store.current().filter(OverloadVerticle::adaptive).isPresent();
    long now = ticker.nanos();
    Collection<Upstream> all = upstreams.get();
    for (Upstream upstream : all) {
      AdaptiveLimit limit = upstream.overload();
      if (!wanted) {
        limit.off();
      } else if (!limit.idle()) { // of thousands of services few are asked at one time
        limit.look(now, limit.owed());
      }
      tell(upstream.name(), limit.limit());
    }
    if (!limited.isEmpty()) {
      forget(all);
    }
  }

  /** Those that are gone take no requests any more, and are told anew where they come back. */
  private void forget(Collection<Upstream> all) {
    Set<ClusterName> there = all.stream().map(Upstream::name).collect(Collectors.toSet());
    for (ClusterName name : List.copyOf(limited)) {
      if (!there.contains(name)) {
        limited.remove(name);
        publish(ENDED, name);
      }
    }
  }

  private static boolean adaptive(Snapshot serving) {
    return serving.settings().overload().mode() == Mode.ADAPTIVE;
  }

  void tell(ClusterName name, int limit) {
    if (limit < Integer.MAX_VALUE && limited.add(name)) {
      LOG.warn("{}: overloaded, {} requests at once for now", name, limit);
      publish(BEGAN, name);
    } else if (limit == Integer.MAX_VALUE && !limited.isEmpty() && limited.remove(name)) {
      LOG.info("{}: not overloaded any more", name);
      publish(ENDED, name);
    }
  }

  private void publish(String address, ClusterName name) {
    vertx.eventBus().publish(address, new JsonObject().put("cluster", name.toString()));
  }
}
