package dev.weft.gateway.acme;

import dev.weft.routing.identity.PeerVerifier;
import dev.weft.routing.identity.Pem;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;

/**
 * A certificate and its key. Prints nothing of the key.
 *
 * @param chain the certificate first
 */
record Obtained(List<X509Certificate> chain, PrivateKey key) {

  Obtained {
    chain = List.copyOf(chain);
  }

  Instant begin() {
    return chain.get(0).getNotBefore().toInstant();
  }

  Instant end() {
    return chain.get(0).getNotAfter().toInstant();
  }

  /** Whether it may be shown for these hosts now. */
  boolean serves(List<String> hosts, Instant now) {
    return end().isAfter(now)
        && new HashSet<>(PeerVerifier.names(chain.get(0))).equals(new HashSet<>(hosts));
  }

  String chainPem() {
    return Pem.certificates(chain);
  }

  String keyPem() {
    return Pem.of("PRIVATE KEY", key.getEncoded());
  }

  @Override
  public String toString() {
    return "Obtained until " + end() + " [redacted]";
  }
}
