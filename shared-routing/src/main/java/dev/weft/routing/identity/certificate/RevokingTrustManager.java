package dev.weft.routing.identity.certificate;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts whom the JDK trusts under some authorities, less those whose certificate, or whose
 * authority's, is revoked. Immutable; any thread.
 */
public final class RevokingTrustManager extends X509ExtendedTrustManager {

  private final X509ExtendedTrustManager jdk;
  private final Revocations revoked;

  private RevokingTrustManager(X509ExtendedTrustManager jdk, Revocations revoked) {
    this.jdk = jdk;
    this.revoked = revoked;
  }

  /**
   * @param authorities a revoked one among them is trusted no more
   * @throws GeneralSecurityException where nobody is left to be trusted
   */
  public static RevokingTrustManager of(List<X509Certificate> authorities, Revocations revoked)
      throws GeneralSecurityException {
    List<X509Certificate> left = authorities.stream().filter(one -> !revoked.revoked(one)).toList();
    if (left.isEmpty()) {
      throw new CertificateException("all authorities are revoked");
    }
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < left.size(); i++) {
        store.setCertificateEntry("authority-" + i, left.get(i));
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      for (TrustManager one : factory.getTrustManagers()) {
        if (one instanceof X509ExtendedTrustManager jdk) {
          return new RevokingTrustManager(jdk, revoked);
        }
      }
      throw new GeneralSecurityException("this JDK has no trust manager for X.509");
    } catch (IOException e) {
      throw new GeneralSecurityException("an empty key store cannot be made", e);
    }
  }

  private void requireHeld(X509Certificate[] chain) throws CertificateException {
    revoked.check(Arrays.asList(chain));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    jdk.checkClientTrusted(chain, type);
    requireHeld(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    jdk.checkClientTrusted(chain, type, socket);
    requireHeld(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    jdk.checkClientTrusted(chain, type, engine);
    requireHeld(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    jdk.checkServerTrusted(chain, type);
    requireHeld(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    jdk.checkServerTrusted(chain, type, socket);
    requireHeld(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    jdk.checkServerTrusted(chain, type, engine);
    requireHeld(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return jdk.getAcceptedIssuers();
  }
}
