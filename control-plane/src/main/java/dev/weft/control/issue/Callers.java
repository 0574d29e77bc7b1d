package dev.weft.control.issue;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.MeshTrustManager;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.certificate.Revocations;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Tells who calls, anew for each request: a connection may outlive the certificate that its
 * handshake verified, and the root that it is under. The path to the root is looked at once for
 * each connection and set of roots. Any thread.
 */
public final class Callers {

  private final Supplier<List<X509Certificate>> roots;
  private final Supplier<Revocations> revoked;
  private final String trustDomain;
  private final Ticker ticker;
  private final Map<HttpConnection, Verified> verified =
      Collections.synchronizedMap(new WeakHashMap<>());

  /**
   * @param roots that are trusted now; the same list as long as they are the same
   */
  public Callers(Supplier<List<X509Certificate>> roots, String trustDomain, Ticker ticker) {
    this(roots, () -> Revocations.NONE, trustDomain, ticker);
  }

  /**
   * @param roots that are trusted now; the same list as long as they are the same
   * @param revoked what they took back; the same as long as nothing changes
   */
  public Callers(
      Supplier<List<X509Certificate>> roots,
      Supplier<Revocations> revoked,
      String trustDomain,
      Ticker ticker) {
    this.roots = roots;
    this.revoked = revoked;
    this.trustDomain = trustDomain;
    this.ticker = ticker;
  }

  /** Who calls, and the certificate that proves it. */
  public record Caller(SpiffeId id, X509Certificate leaf) {}

  /** Who called, under which roots, less what they took back. */
  private record Verified(Caller caller, List<X509Certificate> roots, Revocations revoked) {}

  /**
   * Whom the certificate of the request's connection names; empty where it showed none.
   *
   * @throws CertificateException with a sentence, where it is not valid now or of another mesh
   */
  public Optional<SpiffeId> of(HttpServerRequest request) throws CertificateException {
    return certified(request).map(Caller::id);
  }

  /**
   * As {@link #of}, with the certificate.
   *
   * @throws CertificateException with a sentence, where it is not valid now or of another mesh
   */
  public Optional<Caller> certified(HttpServerRequest request) throws CertificateException {
    List<Certificate> chain;
    try {
      chain = request.connection().peerCertificates();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
    if (chain == null || chain.isEmpty()) {
      return Optional.empty();
    }
    requireNow((X509Certificate) chain.get(0));
    return Optional.of(caller(request.connection(), chain));
  }

  private void requireNow(X509Certificate leaf) throws CertificateException {
    Instant now = Instant.ofEpochMilli(ticker.epochMillis());
    if (now.isAfter(leaf.getNotAfter().toInstant())) {
      throw new CertificateException(
          "the caller's certificate ended at " + leaf.getNotAfter().toInstant());
    }
    if (now.isBefore(leaf.getNotBefore().toInstant())) {
      throw new CertificateException(
          "the caller's certificate begins at " + leaf.getNotBefore().toInstant());
    }
  }

  private Caller caller(HttpConnection connection, List<Certificate> chain)
      throws CertificateException {
    List<X509Certificate> trusted = roots.get();
    Verified before = verified.get(connection);
    Revocations lists = revoked.get();
    if (before != null && before.roots.equals(trusted) && before.revoked.equals(lists)) {
      return before.caller;
    }
    SpiffeId id =
        new MeshTrustManager(trusted, lists, trustDomain, ticker)
            .verified(chain.toArray(new X509Certificate[0]));
    Caller caller = new Caller(id, (X509Certificate) chain.get(0));
    verified.put(connection, new Verified(caller, trusted, lists));
    return caller;
  }
}
