package dev.weft.routing.identity.certificate;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * As what a certificate is shown. One that says nothing of its purposes serves both.
 *
 * <p>Source: RFC 5280 section 4.2.1.12; the X509-SVID specification, section 4.4.
 */
public enum KeyPurpose {
  SERVER("serverAuth", "1.3.6.1.5.5.7.3.1"),
  CLIENT("clientAuth", "1.3.6.1.5.5.7.3.2");

  private static final String ANY = "2.5.29.37.0";

  private final String word;
  private final String id;

  KeyPurpose(String word, String id) {
    this.word = word;
    this.id = id;
  }

  /**
   * @throws CertificateException where it is for other purposes alone
   */
  public void check(X509Certificate leaf) throws CertificateException {
    List<String> purposes = leaf.getExtendedKeyUsage();
    if (purposes != null && !purposes.contains(id) && !purposes.contains(ANY)) {
      throw new CertificateException(
          "its key is for other purposes (expected in extendedKeyUsage: " + word + ")");
    }
  }
}
