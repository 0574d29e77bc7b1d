package dev.weft.routing.verticle;

import dev.weft.routing.discovery.EndpointCatalog;
import dev.weft.routing.snapshot.SnapshotStore;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up the names of ServiceEntries whose resolution is DNS, every five seconds on a worker, and
 * tells {@code endpoints.changed} where an answer is another than before. A name that cannot be
 * looked up keeps its last answer.
 */
public final class DiscoveryVerticle extends VerticleBase {

  /** Event bus address of new answers. */
  public static final String CHANGED = "endpoints.changed";

  private static final Logger LOG = LoggerFactory.getLogger(DiscoveryVerticle.class);
  private static final long EVERY_MILLIS = 5000;

  private final SnapshotStore store;
  private final ConfigVerticle config;
  private Map<String, List<String>> known = Map.of();
  private boolean asking;

  public DiscoveryVerticle(SnapshotStore store, ConfigVerticle config) {
    this.store = store;
    this.config = config;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(EVERY_MILLIS, tick -> look());
    vertx.eventBus().localConsumer(ConfigVerticle.APPLIED, applied -> look());
    return Future.succeededFuture();
  }

  private void look() {
    Set<String> names =
        store.current().map(snapshot -> EndpointCatalog.names(snapshot.config())).orElse(Set.of());
    if (asking || names.isEmpty()) {
      return;
    }
    asking = true;
    Map<String, List<String>> before = known;
    vertx
        .executeBlocking(() -> answers(names, before))
        .onSuccess(
            answers -> {
              if (!answers.equals(known)) {
                known = answers;
                config.resolved(answers);
                vertx.eventBus().publish(CHANGED, new JsonObject().put("names", answers.size()));
              }
            })
        .onComplete(done -> asking = false);
  }

  private static Map<String, List<String>> answers(
      Set<String> names, Map<String, List<String>> before) {
    Map<String, List<String>> answers = new HashMap<>();
    for (String name : names) {
      try {
        answers.put(
            name,
            Arrays.stream(InetAddress.getAllByName(name))
                .map(InetAddress::getHostAddress)
                .sorted()
                .toList());
      } catch (UnknownHostException e) {
        List<String> last = before.getOrDefault(name, List.of());
        answers.put(name, last);
        LOG.debug("{} cannot be looked up; {} addresses stay", name, last.size());
      }
    }
    return answers;
  }
}
