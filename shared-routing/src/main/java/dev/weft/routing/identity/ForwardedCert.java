package dev.weft.routing.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/**
 * What {@code x-forwarded-client-cert} tells of a verified certificate. Source: Envoy's header of
 * that name.
 */
public final class ForwardedCert {

  private ForwardedCert() {}

  /** The element of a gateway's caller, who may be anybody that its authority knows. */
  public static String element(Certificate verified) {
    if (!(verified instanceof X509Certificate leaf)) {
      throw new IllegalArgumentException("no X.509 certificate: " + verified.getType());
    }
    try {
      StringBuilder text = new StringBuilder(described(leaf));
      for (String uri : PeerVerifier.names(leaf, PeerVerifier.URI)) {
        field(text, "URI", uri);
      }
      for (String name : PeerVerifier.names(leaf, PeerVerifier.DNS)) {
        field(text, "DNS", name);
      }
      return text.toString();
    } catch (CertificateException e) {
      throw new IllegalArgumentException("a certificate that TLS took cannot be read", e);
    }
  }

  /** Its hash and subject. */
  static String described(X509Certificate leaf) throws CertificateEncodingException {
    StringBuilder text = new StringBuilder("Hash=").append(sha256(leaf.getEncoded()));
    return quoted(text.append(";Subject="), leaf.getSubjectX500Principal().getName()).toString();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void field(StringBuilder text, String key, String value) {
    text.append(';').append(key).append('=');
    boolean plain = value.chars().noneMatch(c -> c == ',' || c == ';' || c == '=' || c == '"');
    if (plain) {
      printable(text, value);
    } else {
      quoted(text, value);
    }
  }

  /** In quotes, as a value with any of {@code ,;="} must be. */
  private static StringBuilder quoted(StringBuilder text, String value) {
    return printable(text.append('"'), value.replace("\"", "\\\"")).append('"');
  }

  /** What is no visible ASCII in percent encoding: no name of a certificate breaks a header. */
  private static StringBuilder printable(StringBuilder text, String value) {
    for (byte one : value.getBytes(StandardCharsets.UTF_8)) {
      if (one >= ' ' && one <= '~') {
        text.append((char) one);
      } else {
        text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(one));
      }
    }
    return text;
  }
}
