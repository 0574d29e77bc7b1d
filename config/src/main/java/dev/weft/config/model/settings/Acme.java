package dev.weft.config.model.settings;

import dev.weft.config.problem.Place;
import java.util.List;

/**
 * Certificates that a gateway obtains by itself from an authority that speaks ACME (RFC 8555), by
 * answering for each host over TLS at its own ports (TLS-ALPN-01, RFC 8737).
 *
 * @param directory of the authority; empty for none
 * @param email whom the authority may tell of what goes wrong; empty for nobody
 * @param caCertificates of those who may sign the directory's own certificate, PEM; empty for the
 *     system's
 */
public record Acme(
    String directory, String email, String caCertificates, List<Certificate> certificates) {

  /** None are obtained. */
  public static final Acme NONE = new Acme("", "", "", List.of());

  public Acme {
    certificates = List.copyOf(certificates);
  }

  /**
   * One certificate.
   *
   * @param credential {@code namespace/name}, as servers mean it by {@code credentialName}
   * @param hosts in lower case, no wildcards
   */
  public record Certificate(String credential, List<String> hosts, Place place) {
    public Certificate {
      hosts = List.copyOf(hosts);
    }
  }

  /** Whether there is something to obtain. */
  public boolean wanted() {
    return !directory.isEmpty() && !certificates.isEmpty();
  }
}
