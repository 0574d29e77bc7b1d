package dev.weft.routing.discovery;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ClientTls;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.ClusterName;
import java.util.Optional;
import java.util.Set;

/**
 * How an endpoint is reached, as the DestinationRule says or, without one, as it is of the mesh.
 */
final class EndpointTls {

  private EndpointTls() {}

  /**
   * Empty where it must be reached over mTLS and whom to expect is not known.
   *
   * @param secured whether it is of the mesh and takes mTLS, unless a DestinationRule says else
   */
  static Optional<UpstreamTls> of(
      TrafficPolicy policy, ClusterName name, boolean secured, Set<String> identities) {
    ClientTls.Mode mode =
        policy
            .tls()
            .map(ClientTls::mode)
            .orElse(secured ? ClientTls.Mode.ISTIO_MUTUAL : ClientTls.Mode.DISABLE);
    return switch (mode) {
      case DISABLE -> Optional.of(new UpstreamTls.Plaintext());
      case SIMPLE, MUTUAL ->
          policy
              .tls()
              .map(
                  tls ->
                      new UpstreamTls.Origination(
                          tls, tls.sni().isEmpty() ? name.host() : tls.sni()));
      case ISTIO_MUTUAL ->
          identities.isEmpty()
              ? Optional.empty()
              : Optional.of(new UpstreamTls.Mesh(identities, name.host()));
    };
  }

  /** Whether TLS is asked for and no name to ask for, since the host is a wildcard. */
  static boolean nameless(TrafficPolicy policy, ClusterName name) {
    return name.host().startsWith("*")
        && policy
            .tls()
            .filter(
                tls -> tls.mode() == ClientTls.Mode.SIMPLE || tls.mode() == ClientTls.Mode.MUTUAL)
            .filter(tls -> tls.sni().isEmpty())
            .isPresent();
  }
}
