package dev.weft.routing.snapshot;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.CircuitBreaker;
import dev.weft.routing.resilience.CircuitBreaker.State;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * All upstreams by the name of their cluster: what outlives snapshots. Any thread may read; one
 * thread at a time changes.
 */
public final class UpstreamRegistry {

  private final Map<ClusterName, Upstream> upstreams = new ConcurrentHashMap<>();
  private final Ticker ticker;
  private final BiFunction<ClusterName, Consumer<State>, CircuitBreaker> breakers;
  private final Listener listener;

  /** Hears of what changes by itself. */
  public interface Listener {
    void breaker(ClusterName cluster, State state);

    void ejection(ClusterName cluster, Endpoint endpoint, boolean ejected);
  }

  /**
   * @param breakers makes one for a cluster, which tells its new states
   */
  public UpstreamRegistry(
      Ticker ticker,
      BiFunction<ClusterName, Consumer<State>, CircuitBreaker> breakers,
      Listener listener) {
    this.ticker = ticker;
    this.breakers = breakers;
    this.listener = listener;
  }

  Ticker ticker() {
    return ticker;
  }

  /** The upstream of that name; empty where there is none. */
  Optional<Upstream> find(ClusterName name) {
    return Optional.ofNullable(upstreams.get(name));
  }

  /** The upstream of that name, with these settings; a new one where there was none. */
  Upstream with(UpstreamSettings settings) {
    ClusterName name = settings.name();
    Upstream known = upstreams.get(name);
    if (known != null) {
      if (!known.settings().equals(settings)) {
        known.settings(settings);
      }
      return known;
    }
    BiConsumer<Endpoint, Boolean> ejections =
        (endpoint, ejected) -> listener.ejection(name, endpoint, ejected);
    CircuitBreaker breaker = breakers.apply(name, state -> listener.breaker(name, state));
    Upstream made = new Upstream(settings, ticker, breaker, ejections);
    upstreams.put(name, made);
    return made;
  }

  /** Forgets all others, whose requests under way may still finish and retry. */
  void retain(Set<ClusterName> names) {
    upstreams
        .values()
        .removeIf(
            upstream -> {
              boolean gone = !names.contains(upstream.name());
              if (gone) {
                upstream.leave();
              }
              return gone;
            });
  }

  /** All of them, in no order. */
  public Collection<Upstream> all() {
    return List.copyOf(upstreams.values());
  }

  /** Takes back ejected endpoints whose time is over; to be called about once a second. */
  public void sweep() {
    upstreams.values().forEach(Upstream::sweep);
  }

  /** Sets the endpoints of every upstream anew. */
  void endpoints(Function<ClusterName, EndpointSet> source) {
    upstreams.forEach((name, upstream) -> upstream.endpoints(source.apply(name)));
  }
}
