package dev.weft.routing.verticle;

import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.discovery.EndpointCatalog;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ClusterName.Direction;
import dev.weft.routing.snapshot.SnapshotStore;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up the names of ServiceEntries whose resolution is DNS, every five seconds on a worker; a
 * name that cannot be looked up keeps its last answer. Tells {@code endpoints.changed} with {@code
 * cluster} and {@code endpoints}, their addresses, whenever a cluster has others than before,
 * wherever they come from.
 */
public final class DiscoveryVerticle extends VerticleBase {

  /** Event bus address of clusters that have other endpoints now. */
  public static final String CHANGED = "endpoints.changed";

  private static final Logger LOG = LoggerFactory.getLogger(DiscoveryVerticle.class);
  private static final long EVERY_MILLIS = 5000;
  private static final Seen NOTHING = Seen.of(new EndpointSet(List.of(), ""));

  private final SnapshotStore store;
  private final ConfigVerticle config;
  private final Supplier<Collection<Upstream>> upstreams;
  private Map<String, List<String>> known = Map.of();
  private Map<ClusterName, Seen> told = Map.of();
  private boolean asking;

  /** What a cluster had when it was looked at; the same set is not read again. */
  private record Seen(EndpointSet endpoints, Set<String> addresses) {

    static Seen of(EndpointSet endpoints) {
      Set<String> addresses = new TreeSet<>();
      endpoints.endpoints().forEach(one -> addresses.add(one.address()));
      return new Seen(endpoints, addresses);
    }
  }

  /**
   * @param upstreams all there are now
   */
  public DiscoveryVerticle(
      SnapshotStore store, ConfigVerticle config, Supplier<Collection<Upstream>> upstreams) {
    this.store = store;
    this.config = config;
    this.upstreams = upstreams;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(EVERY_MILLIS, tick -> look());
    vertx.eventBus().localConsumer(ConfigVerticle.APPLIED, applied -> look());
    vertx.eventBus().localConsumer(ConfigVerticle.MOVED, moved -> tell());
    return Future.succeededFuture();
  }

  private void look() {
    tell();
    Set<String> names =
        store.current().map(snapshot -> EndpointCatalog.names(snapshot.config())).orElse(Set.of());
    if (asking || names.isEmpty()) {
      return;
    }
    asking = true;
    Map<String, List<String>> before = known;
    vertx
        .executeBlocking(() -> answers(names, before))
        .compose(
            answers -> {
              if (answers.equals(known)) {
                return Future.succeededFuture();
              }
              known = answers;
              return config.resolved(answers);
            })
        .onSuccess(taken -> tell())
        .onComplete(done -> asking = false);
  }

  private void tell() {
    Map<ClusterName, Seen> now = new HashMap<>();
    for (Upstream upstream : upstreams.get()) {
      if (upstream.name().direction() == Direction.OUTBOUND) {
        Seen before = told.getOrDefault(upstream.name(), NOTHING);
        EndpointSet endpoints = upstream.endpoints();
        Seen seen = before.endpoints.equals(endpoints) ? before : Seen.of(endpoints);
        now.put(upstream.name(), seen);
        if (!seen.addresses.equals(before.addresses)) {
          JsonArray addresses = new JsonArray(List.copyOf(seen.addresses));
          JsonObject event = new JsonObject().put("cluster", upstream.name().toString());
          vertx.eventBus().publish(CHANGED, event.put("endpoints", addresses));
        }
      }
    }
    told = now;
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
