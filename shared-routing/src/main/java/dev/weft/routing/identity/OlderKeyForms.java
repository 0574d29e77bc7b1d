package dev.weft.routing.identity;

import java.io.IOException;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * Makes PKCS#8, which is all that the JDK reads, of the forms before it. A class of its own, since
 * whoever touches Bouncy Castle keeps the digests of its signed jar in memory, five megabytes.
 */
final class OlderKeyForms {

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
