package dev.weft.config.model.tcp;

import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.problem.Place;
import java.util.List;

/**
 * One rule of {@code tls[]} or {@code tcp[]}.
 *
 * <p>Source: Istio networking/v1 {@code TLSRoute} and {@code TCPRoute}.
 *
 * @param matches any of them; empty, in {@code tcp} only, matches all
 * @param destinations at least 1; with several, their weights add up to 1 to 1,000,000. One is
 *     chosen for each connection
 */
public record ConnectionRoute(
    List<ConnectionMatch> matches, List<WeightedDestination> destinations, Place place) {

  public ConnectionRoute {
    matches = List.copyOf(matches);
    destinations = List.copyOf(destinations);
  }
}
