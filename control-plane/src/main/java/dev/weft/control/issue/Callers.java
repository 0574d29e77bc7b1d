package dev.weft.control.issue;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.PeerVerifier;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.http.HttpServerRequest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Tells who calls, anew for each request: a connection may outlive the certificate that its
 * handshake verified. Immutable; any thread.
 */
public final class Callers {

  private final String trustDomain;
  private final Ticker ticker;

  public Callers(String trustDomain, Ticker ticker) {
    this.trustDomain = trustDomain;
    this.ticker = ticker;
  }

  /**
   * Whom the certificate of the request's connection names; empty where it showed none.
   *
   * @throws CertificateException with a sentence, where it is not valid now or of another mesh
   */
  public Optional<SpiffeId> of(HttpServerRequest request) throws CertificateException {
    List<Certificate> chain;
    try {
      chain = request.connection().peerCertificates();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
    if (chain == null || chain.isEmpty()) {
      return Optional.empty();
    }
    X509Certificate leaf = (X509Certificate) chain.get(0);
    Instant now = Instant.ofEpochMilli(ticker.epochMillis());
    if (now.isAfter(leaf.getNotAfter().toInstant())) {
      throw new CertificateException(
          "the caller's certificate ended at " + leaf.getNotAfter().toInstant());
    }
    if (now.isBefore(leaf.getNotBefore().toInstant())) {
      throw new CertificateException(
          "the caller's certificate begins at " + leaf.getNotBefore().toInstant());
    }
    return Optional.of(PeerVerifier.id(leaf, trustDomain));
  }
}
