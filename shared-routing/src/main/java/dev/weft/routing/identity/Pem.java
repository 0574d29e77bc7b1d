package dev.weft.routing.identity;

import dev.weft.routing.identity.der.Pkcs8;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys as PEM (RFC 7468). */
public final class Pem {

  private static final int LINE = 64;
  private static final String SEC1 = "EC PRIVATE KEY";
  private static final String PKCS1 = "RSA PRIVATE KEY";
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ((?:EC |RSA )?PRIVATE KEY)-----([^-]+)-----END \\1-----");

  private Pem() {}

  /**
   * @param type e.g. {@code CERTIFICATE}
   */
  public static String of(String type, byte[] der) {
    String body =
        Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }

  /** One after the other. */
  public static String certificates(List<X509Certificate> all) {
    StringBuilder text = new StringBuilder();
    try {
      for (X509Certificate one : all) {
        text.append(of("CERTIFICATE", one.getEncoded()));
      }
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("a certificate that has no encoding", e);
    }
    return text.toString();
  }

  /** SHA-256 of a certificate, base64url without padding: what a join token pins. */
  public static String fingerprint(X509Certificate certificate) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("a certificate that has no encoding", e);
    }
  }

  /**
   * A key that is not encrypted: PKCS#8, SEC1 (RFC 5915) as {@code openssl ecparam -genkey} writes
   * it, or PKCS#1 (RFC 8017) as cert-manager does by default.
   *
   * @param algorithm as the JDK calls it: {@code EC}, {@code RSA}
   * @param name of the file, for the message
   * @throws GeneralSecurityException in words that a user reads
   */
  public static PrivateKey privateKey(String pem, String algorithm, String name)
      throws GeneralSecurityException {
    Matcher block = KEY.matcher(pem);
    if (!block.find()) {
      throw new InvalidKeySpecException(
          name + " holds no key (expected: PEM of PKCS#8, SEC1 or PKCS#1, not encrypted)");
    }
    try {
      byte[] der = pkcs8(block.group(1), Base64.getMimeDecoder().decode(block.group(2)));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (IllegalArgumentException | IOException | InvalidKeySpecException e) {
      throw new InvalidKeySpecException(
          name + " is broken, or no " + algorithm + " key as the certificate's is", e);
    }
  }

  private static byte[] pkcs8(String form, byte[] der) throws IOException {
    return switch (form) {
      case SEC1 -> Pkcs8.ofSec1(der);
      case PKCS1 -> Pkcs8.ofPkcs1(der);
      default -> der;
    };
  }
}
