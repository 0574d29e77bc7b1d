package dev.weft.routing.verticle.edge;

import dev.weft.routing.identity.MeshTls;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Certificates that this process obtained by itself, which take the place of Secrets that are not
 * there, and what it shows to an authority that asks for a proof of a name meanwhile. Any thread
 * may enter.
 */
public final class IssuedCertificates {

  private final AtomicLong version = new AtomicLong();
  private volatile Map<String, Map<String, String>> issued = Map.of();
  private volatile Map<String, SslContext> proofs = Map.of();

  /**
   * From the next handshake on it is shown.
   *
   * @param credential {@code namespace/name}
   * @param chain PEM
   * @param key PEM
   */
  public synchronized void publish(String credential, String chain, String key) {
    Map<String, Map<String, String>> next = new HashMap<>(issued);
    next.put(credential, Map.of("tls.crt", chain, "tls.key", key));
    issued = Map.copyOf(next);
    version.incrementAndGet();
  }

  /** Forgets all but these. */
  public synchronized void retain(Set<String> credentials) {
    Map<String, Map<String, String>> next = new HashMap<>(issued);
    if (next.keySet().retainAll(credentials)) {
      issued = Map.copyOf(next);
      version.incrementAndGet();
    }
  }

  /** Grows with each change. */
  long version() {
    return version.get();
  }

  /** As the data of a Secret. */
  Optional<Map<String, String>> of(String credential) {
    return Optional.ofNullable(issued.get(credential));
  }

  /**
   * From now on an authority that asks for a name by TLS-ALPN-01 (RFC 8737) is shown this.
   *
   * @param host in lower case
   * @throws IOException where it cannot be used
   */
  public synchronized void prove(String host, PrivateKey key, X509Certificate proof)
      throws IOException {
    Map<String, SslContext> next = new HashMap<>(proofs);
    next.put(host, MeshTls.proof(key, proof));
    proofs = Map.copyOf(next);
  }

  /** The authority has seen it, or does not want to any more. */
  public synchronized void proved(String host) {
    Map<String, SslContext> next = new HashMap<>(proofs);
    next.remove(host);
    proofs = Map.copyOf(next);
  }

  /** Whether an authority may ask now. */
  boolean asked() {
    return !proofs.isEmpty();
  }

  Optional<SslContext> proof(String host) {
    return Optional.ofNullable(proofs.get(host));
  }
}
