package dev.weft.routing.identity;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.certificate.Revocations;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts one control plane: its chain ends at a root whose SHA-256 is known beforehand, and its
 * leaf names the control plane. So nothing is sent to anybody else.
 */
final class PinnedTrustManager extends X509ExtendedTrustManager {

  private final Set<String> fingerprints;
  private final SpiffeId expected;
  private final Ticker ticker;

  PinnedTrustManager(Set<String> fingerprints, SpiffeId expected, Ticker ticker) {
    this.fingerprints = Set.copyOf(fingerprints);
    this.expected = expected;
    this.ticker = ticker;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("this end takes no callers");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    for (X509Certificate one : chain) {
      if (fingerprints.contains(Pem.fingerprint(one))) {
        new MeshTrustManager(
                List.of(one),
                Revocations.NONE,
                expected.trustDomain(),
                ticker,
                Optional.of(expected))
            .checkServerTrusted(chain, type);
        return;
      }
    }
    throw new PeerFault.OtherRoot();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
