package dev.weft.routing.identity;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.certificate.KeyPurpose;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.routing.identity.certificate.SignatureStrength;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorResult;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts workloads of one mesh: a chain that leads to one of its roots, valid now and not revoked,
 * whose leaf is an X509-SVID of its trust domain. Host names play no part, since the SPIFFE id is
 * verified instead. Immutable; any thread.
 */
public final class MeshTrustManager extends X509ExtendedTrustManager {

  private final List<X509Certificate> roots;
  private final Set<TrustAnchor> anchors;
  private final Revocations revoked;
  private final String trustDomain;
  private final Ticker ticker;
  private final Optional<SpiffeId> only;

  /**
   * @param revoked whom not to trust all the same
   */
  public MeshTrustManager(
      List<X509Certificate> roots, Revocations revoked, String trustDomain, Ticker ticker) {
    this(roots, revoked, trustDomain, ticker, Optional.empty());
  }

  /**
   * @param only trusts nobody else; empty for every workload
   */
  MeshTrustManager(
      List<X509Certificate> roots,
      Revocations revoked,
      String trustDomain,
      Ticker ticker,
      Optional<SpiffeId> only) {
    this.only = only;
    this.revoked = revoked;
    this.roots = List.copyOf(roots);
    this.anchors =
        roots.stream().map(root -> new TrustAnchor(root, null)).collect(Collectors.toSet());
    this.trustDomain = trustDomain;
    this.ticker = ticker;
  }

  /**
   * Whom the chain of a caller names that leads to a root, now.
   *
   * @throws CertificateException with a sentence, where it is nobody of this mesh
   */
  public SpiffeId verified(X509Certificate[] chain) throws CertificateException {
    return verified(chain, KeyPurpose.CLIENT);
  }

  private SpiffeId verified(X509Certificate[] chain, KeyPurpose purpose)
      throws CertificateException {
    if (chain == null || chain.length == 0) {
      throw new CertificateException("no certificate");
    }
    X509Certificate leaf = chain[0];
    Date now = Date.from(Instant.ofEpochMilli(ticker.epochMillis()));
    leaf.checkValidity(now);
    SpiffeId id = PeerVerifier.id(leaf, trustDomain);
    purpose.check(leaf);
    if (only.filter(expected -> !expected.equals(id)).isPresent()) {
      throw new CertificateException("it is " + id + " (expected: " + only.get() + ")");
    }
    List<X509Certificate> path = withoutRoots(chain);
    for (X509Certificate one : path) {
      SignatureStrength.check(one);
    }
    revoked.check(path);
    revoked.check(List.of(anchor(id, path, now)));
    return id;
  }

  /** The root that a path leads to. */
  private X509Certificate anchor(SpiffeId id, List<X509Certificate> path, Date now)
      throws CertificateException {
    try {
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false); // the lists are looked at by ourselves
      parameters.setDate(now);
      CertPath whole = CertificateFactory.getInstance("X.509").generateCertPath(path);
      CertPathValidatorResult result =
          CertPathValidator.getInstance("PKIX").validate(whole, parameters);
      return ((PKIXCertPathValidatorResult) result).getTrustAnchor().getTrustedCert();
    } catch (GeneralSecurityException e) {
      throw new PeerFault.UnknownAuthority(id + " is signed by no root of this mesh", e);
    }
  }

  /** A path ends below its anchor; the leaf is always part of it, else nothing would be proved. */
  private List<X509Certificate> withoutRoots(X509Certificate[] chain) {
    int end = chain.length;
    while (end > 1 && roots.contains(chain[end - 1])) {
      end--;
    }
    return Arrays.asList(chain).subList(0, end);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    verified(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    verified(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    verified(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    verified(chain, KeyPurpose.SERVER);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    verified(chain, KeyPurpose.SERVER);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    verified(chain, KeyPurpose.SERVER);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return roots.toArray(new X509Certificate[0]);
  }
}
