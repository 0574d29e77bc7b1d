package dev.weft.control.dashboard;

import dev.weft.config.history.ConfigHistory.Traffic;
import dev.weft.routing.admin.dashboard.Golden;
import dev.weft.routing.admin.dashboard.Golden.Asked;
import dev.weft.routing.admin.dashboard.Totals;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.EdgeLabels.Reporter;
import dev.weft.routing.telemetry.EdgeLabels.Workload;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What all proxies counted, added up. Of each proxy what came since it was heard last is added, so
 * that one that begins anew or leaves takes nothing away and adds nothing twice; what one counted
 * while it was not heard for half a minute is left out. A request that both of its proxies count is
 * added once: as its caller's proxy counts it, which alone knows of requests that reached nobody,
 * and as the other one does where the caller has none that is heard.
 *
 * <p>A proxy is believed as far as its identity goes: its end of an edge is in its own namespace.
 * Bounded: {@value #MOST_EDGES} edges, and {@value #MOST_KNOWN} of all proxies together; what is
 * beyond is not added, and {@link #left} counts it.
 *
 * <p>Any thread may enter.
 *
 * <p>Source: Kiali's graph, which prefers the source's telemetry likewise.
 */
final class MeshTotals {

  private static final int MOST_EDGES = 10_000;
  private static final int MOST_KNOWN = 100_000;
  private static final long FORGOTTEN_NANOS = Duration.ofHours(1).toNanos();
  private static final long STALE_NANOS = Duration.ofSeconds(30).toNanos();

  private final long begunNanos;
  private final Map<String, Heard> proxies = new HashMap<>(); // by identity and run
  private final Map<EdgeLabels, Sum> sums = new HashMap<>();
  private final Map<Asked, Integer> bySource = new HashMap<>(); // how many proxies tell of it
  private final Map<String, Integer> heard = new HashMap<>(); // proxies, by identity
  private final MeshRules rules = new MeshRules();
  private int known; // edges of all proxies
  private long left;
  private Traffic traffic = Traffic.NONE; // whichever edges are forgotten

  /** What a proxy told last. */
  private static final class Heard {
    private final long stream;
    private final long nanos;
    private final Map<EdgeLabels, Golden> last;
    private final Map<String, Golden> rules;
    private final String who;
    private Map<String, JsonObject> values;
    private Set<Asked> asks;
    private boolean silent;

    Heard(long stream, SpiffeId who, long nanos, Totals told, Map<EdgeLabels, Golden> last) {
      this.stream = stream;
      this.who = who.toString();
      this.nanos = nanos;
      this.values = told.values();
      this.rules = told.rules();
      this.asks = asks(who, told);
      this.last = last;
    }
  }

  private record Sum(Golden golden, long nanos) {}

  MeshTotals(long nanos) {
    this.begunNanos = nanos;
  }

  /**
   * A proxy told.
   *
   * @param who proved to be it
   */
  synchronized void heard(long stream, SpiffeId who, Totals told, long nanos) {
    String key = who + " " + told.run();
    Heard before = proxies.remove(key);
    // what a process counted that is younger than this one came while this one was there
    boolean whole = before == null && told.upMillis() * 1_000_000 <= nanos - begunNanos;
    boolean missed = before != null && nanos - before.nanos > STALE_NANOS; // others told of it
    if (before != null) {
      forget(before);
    }
    Heard now = new Heard(stream, who, nanos, told, own(told, who));
    rules.add(earlier(before, whole, now), now.rules);
    heard.merge(now.who, 1, Integer::sum);
    now.asks.forEach(asked -> bySource.merge(asked, 1, Integer::sum));
    Map<EdgeLabels, Golden> earlier = before == null ? Map.of() : before.last;
    now.last.forEach(
        (edge, golden) -> {
          boolean all = whole || (before != null && !earlier.containsKey(edge));
          Golden base = all ? Golden.NONE : earlier.getOrDefault(edge, golden);
          add(edge, golden.minus(missed ? golden : base), nanos);
        });
    proxies.put(key, now);
  }

  /** The rules as they were counted already: nobody else tells of them. */
  private static Map<String, Golden> earlier(@Nullable Heard before, boolean whole, Heard now) {
    if (before != null) {
      return before.rules;
    }
    return whole ? Map.of() : now.rules;
  }

  private Map<EdgeLabels, Golden> own(Totals told, SpiffeId who) {
    Map<EdgeLabels, Golden> all = new HashMap<>();
    told.edges()
        .forEach(
            (labels, golden) -> {
              EdgeLabels edge = own(labels, who);
              if (all.containsKey(edge) || known < MOST_KNOWN) {
                known += all.containsKey(edge) ? 0 : 1;
                all.merge(edge, golden, Golden::plus);
              } else {
                left++;
              }
            });
    return all;
  }

  private static Set<Asked> asks(SpiffeId who, Totals told) {
    Set<Asked> asks = new HashSet<>();
    for (EdgeLabels labels : told.edges().keySet()) {
      if (labels.reporter() == Reporter.SOURCE) {
        Asked.of(own(labels, who)).ifPresent(asks::add);
      }
    }
    return asks;
  }

  private void add(EdgeLabels edge, Golden came, long nanos) {
    // a caller's proxy that is heard tells of it, if not yet then when it is asked next
    boolean twice =
        heard.containsKey(edge.source().principal())
            || Asked.of(edge).filter(bySource::containsKey).isPresent();
    if (twice && edge.reporter() == Reporter.DESTINATION) {
      return;
    }
    Sum sum = sums.get(edge);
    if (sum == null && sums.size() >= MOST_EDGES) {
      left++;
    } else if (sum == null) {
      sums.put(edge, new Sum(came, nanos));
    } else if (!came.nothing()) {
      sums.put(edge, new Sum(sum.golden.plus(came), nanos));
    }
    traffic =
        new Traffic(
            traffic.requests() + Math.max(0, came.requests()),
            traffic.failed() + Math.max(0, came.failed()));
  }

  private static EdgeLabels own(EdgeLabels told, SpiffeId who) {
    boolean source = told.reporter() == Reporter.SOURCE;
    return new EdgeLabels(
        told.reporter(),
        source ? of(told.source(), who) : told.source(),
        source ? told.destination() : of(told.destination(), who),
        told.service(),
        told.security());
  }

  private static Workload of(Workload end, SpiffeId who) {
    if (end.name().equals(EdgeLabels.UNKNOWN)) {
      return end;
    }
    return new Workload(
        end.name(),
        who.namespace(),
        end.principal().equals(EdgeLabels.UNKNOWN) ? end.principal() : who.toString(),
        end.app(),
        end.version(),
        end.canonical());
  }

  private void forget(Heard gone) {
    known -= gone.last.size();
    silent(gone);
  }

  private void silent(Heard one) {
    if (one.silent) {
      return;
    }
    one.silent = true;
    heard.computeIfPresent(one.who, (same, count) -> count == 1 ? null : count - 1);
    one.asks.forEach(
        asked -> bySource.computeIfPresent(asked, (same, count) -> count == 1 ? null : count - 1));
    one.asks = Set.of();
    one.values = Map.of();
  }

  /**
   * Those that were not heard for half a minute do not count as callers' proxies any more, and are
   * forgotten after an hour, as edges over which nothing went.
   */
  synchronized void tidy(long nanos) {
    sums.values().removeIf(sum -> nanos - sum.nanos > FORGOTTEN_NANOS);
    boolean gone =
        proxies
            .values()
            .removeIf(
                one -> {
                  boolean over = nanos - one.nanos > FORGOTTEN_NANOS;
                  if (over) {
                    forget(one);
                  } else if (nanos - one.nanos > STALE_NANOS) {
                    silent(one);
                  }
                  return over;
                });
    if (gone) {
      rules.retain(proxies.values().stream().map(one -> one.rules).toList());
    }
  }

  /** All that was counted. */
  synchronized Map<EdgeLabels, Golden> edges() {
    Map<EdgeLabels, Golden> all = new HashMap<>();
    sums.forEach((edge, sum) -> all.put(edge, sum.golden));
    return all;
  }

  /** All that came, which never becomes less. */
  synchronized Traffic traffic() {
    return traffic;
  }

  /** Edges that were not added, as there are too many, counted each time. */
  synchronized long left() {
    return left;
  }

  /** Upstreams of the proxies that are heard: how full they are together, and the worst of each. */
  synchronized Map<String, Object> upstreams() {
    Map<String, Object> all = new HashMap<>();
    for (Heard proxy : proxies.values()) {
      JsonObject its = proxy.values.getOrDefault("upstreams", new JsonObject());
      for (String name : its.fieldNames()) {
        if (name.startsWith("outbound|") && its.getValue(name) instanceof JsonObject one) {
          Object before = all.get(name);
          if (before != null) {
            all.put(name, together((JsonObject) before, one));
          } else if (all.size() < MOST_EDGES) {
            all.put(name, one);
          }
        }
      }
    }
    return all;
  }

  private static JsonObject together(JsonObject one, JsonObject other) {
    JsonObject sum = new JsonObject();
    for (String name : new String[] {"in_flight", "pending", "connections"}) {
      sum.put(name, one.getLong(name, 0L) + other.getLong(name, 0L));
    }
    JsonObject worse = ill(other) > ill(one) ? other : one;
    String breaker = one.getString("breaker", "closed");
    return sum.put("breaker", breaker.equals("open") ? breaker : worst(other, breaker))
        .put("endpoints", worse.getLong("endpoints", 0L))
        .put("healthy", worse.getLong("healthy", 0L));
  }

  private static String worst(JsonObject other, String breaker) {
    String its = other.getString("breaker", "closed");
    return its.equals("closed") ? breaker : its;
  }

  private static long ill(JsonObject upstream) {
    return upstream.getLong("endpoints", 0L) - upstream.getLong("healthy", 0L);
  }

  /** How requests fared by the rule that was chosen for them. */
  synchronized Map<String, Golden> rules() {
    return rules.all();
  }

  /** What each proxy that is heard says of itself, by the name of its stream. */
  synchronized Map<Long, JsonObject> states() {
    Map<Long, JsonObject> all = new HashMap<>();
    proxies.values().stream()
        .filter(one -> one.values.containsKey("state"))
        .forEach(one -> all.put(one.stream, one.values.get("state")));
    return all;
  }
}
