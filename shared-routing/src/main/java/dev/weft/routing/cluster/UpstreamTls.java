package dev.weft.routing.cluster;

import dev.weft.config.model.TrafficPolicy.ClientTls;
import java.util.Optional;
import java.util.Set;

/** How a connection to an endpoint is secured. */
public sealed interface UpstreamTls {

  /**
   * Not at all: the own application, or a service outside that says so.
   *
   * @param from the address that it comes from; empty for any of this machine
   * @param ports of the own application, where that may be on loopback instead; else empty
   */
  record Plaintext(Optional<String> from, Optional<ApplicationPorts> ports) implements UpstreamTls {
    public Plaintext() {
      this(Optional.empty(), Optional.empty());
    }
  }

  /**
   * mTLS of the mesh with this workload's certificate.
   *
   * @param expected SPIFFE ids of which the endpoint must prove one; never empty
   * @param sni sent in the handshake
   */
  record Mesh(Set<String> expected, String sni) implements UpstreamTls {
    public Mesh {
      expected = Set.copyOf(expected);
    }
  }

  /**
   * TLS to a service outside, as a DestinationRule's {@code tls} says (SIMPLE or MUTUAL).
   *
   * @param sni sent in the handshake, and the name that the certificate must carry where no {@code
   *     subjectAltNames} are given
   */
  record Origination(ClientTls settings, String sni) implements UpstreamTls {}
}
