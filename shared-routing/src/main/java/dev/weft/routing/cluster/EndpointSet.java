package dev.weft.routing.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a cluster at one time. Immutable.
 *
 * @param reason why there are none, or fewer than configured; empty where nothing is missing
 * @param unresolved whether there may be more, behind names of which no address is known
 * @param original how one is reached besides that is wherever a connection was going before it was
 *     redirected; empty where only those that are listed are reached
 */
public record EndpointSet(
    List<Endpoint> endpoints, String reason, boolean unresolved, Optional<UpstreamTls> original) {

  /** None, and nobody said why. */
  public static final EndpointSet EMPTY = new EndpointSet(List.of(), "it has no endpoints");

  /** All names are resolved, where there are any. */
  public EndpointSet(List<Endpoint> endpoints, String reason) {
    this(endpoints, reason, false, Optional.empty());
  }

  public EndpointSet {
    endpoints = List.copyOf(endpoints);
  }

  /** Whether there is any way to the cluster. */
  public boolean leads() {
    return !endpoints.isEmpty() || original.isPresent();
  }

  /** The weights, in order. */
  int[] weights() {
    return endpoints.stream().mapToInt(Endpoint::weight).toArray();
  }

  /**
   * This set with the objects of {@code before} for instances that stay, and so their health; only
   * their weights are those of now.
   */
  EndpointSet keeping(EndpointSet before) {
    Map<String, Endpoint> old = new HashMap<>();
    before.endpoints.forEach(endpoint -> old.put(endpoint.address(), endpoint));
    List<Endpoint> all = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      @Nullable Endpoint known = old.get(endpoint.address());
      if (known != null && known.sameAs(endpoint)) {
        known.weight(endpoint.weight());
        all.add(known);
      } else {
        all.add(endpoint);
      }
    }
    return new EndpointSet(all, reason, unresolved, original);
  }
}
