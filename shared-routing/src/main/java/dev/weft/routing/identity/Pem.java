package dev.weft.routing.identity;

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
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Certificates and keys as PEM (RFC 7468). */
public final class Pem {

  private static final int LINE = 64;
  private static final String PKCS8 = "PRIVATE KEY";
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
      byte[] der = Base64.getMimeDecoder().decode(block.group(2));
      if (!block.group(1).equals(PKCS8)) {
        der = OlderKeyForms.pkcs8(block.group(1), der);
      }
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (IllegalArgumentException | IOException | InvalidKeySpecException e) {
      throw new InvalidKeySpecException(
          name + " is broken, or no " + algorithm + " key as the certificate's is", e);
    }
  }

  /**
   * Makes PKCS#8, which is all that the JDK reads, of the forms before it. A class of its own,
   * since whoever touches Bouncy Castle keeps the digests of its signed jar in memory, five
   * megabytes.
   */
  private static final class OlderKeyForms {

    private static final String SEC1 = "EC PRIVATE KEY";

    private OlderKeyForms() {}

    /**
     * @param form the words of its PEM: SEC1 (RFC 5915), otherwise PKCS#1 (RFC 8017)
     * @return the same key with its algorithm's name before it
     * @throws IOException where it is broken, or names no curve
     */
    static byte[] pkcs8(String form, byte[] der) throws IOException {
      if (form.equals(SEC1)) {
        ECPrivateKey key = ECPrivateKey.getInstance(der);
        ASN1Encodable curve = key.getParametersObject();
        if (curve == null) {
          throw new IOException("the key does not name its curve");
        }
        return named(X9ObjectIdentifiers.id_ecPublicKey, curve, key);
      }
      return named(
          PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE, RSAPrivateKey.getInstance(der));
    }

    private static byte[] named(
        ASN1ObjectIdentifier algorithm, ASN1Encodable parameters, ASN1Encodable key)
        throws IOException {
      return new PrivateKeyInfo(new AlgorithmIdentifier(algorithm, parameters), key).getEncoded();
    }
  }
}
