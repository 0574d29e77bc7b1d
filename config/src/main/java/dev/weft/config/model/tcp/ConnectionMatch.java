package dev.weft.config.model.tcp;

import dev.weft.config.problem.Place;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * One entry of {@code tls[].match} or {@code tcp[].match}: all that it names must hold.
 *
 * <p>Source: Istio networking/v1 {@code TLSMatchAttributes} and {@code L4MatchAttributes}.
 *
 * @param sniHosts names of a handshake, in lower case, {@code *.suffix} for many; any of them.
 *     Never empty in {@code tls}, always in {@code tcp}
 * @param destinationSubnets addresses or networks that the connection was going to, any of them;
 *     empty for all
 * @param port that the connection was going to, or of the listener
 * @param sourceLabels of the calling workload, known when compiling
 * @param sourceNamespace of the calling workload; empty for any
 * @param gateways overrides those of the VirtualService; empty to inherit
 */
public record ConnectionMatch(
    List<String> sniHosts,
    List<String> destinationSubnets,
    OptionalInt port,
    Map<String, String> sourceLabels,
    String sourceNamespace,
    List<String> gateways,
    Place place) {

  /** What a rule without matches takes: everything. */
  public static final ConnectionMatch ANY =
      new ConnectionMatch(
          List.of(), List.of(), OptionalInt.empty(), Map.of(), "", List.of(), Place.of(""));

  public ConnectionMatch {
    sniHosts = List.copyOf(sniHosts);
    destinationSubnets = List.copyOf(destinationSubnets);
    sourceLabels = Map.copyOf(sourceLabels);
    gateways = List.copyOf(gateways);
  }
}
