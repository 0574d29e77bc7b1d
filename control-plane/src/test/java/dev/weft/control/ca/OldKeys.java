package dev.weft.control.ca;

import dev.weft.routing.identity.Pem;
import java.io.IOException;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;

/** Keys in the forms that are older than PKCS#8: SEC1 for EC, PKCS#1 for RSA. */
final class OldKeys {

  /** What {@code openssl ecparam -genkey} writes before a key of P-256. */
  static final String PARAMETERS =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

  private OldKeys() {}

  /**
   * @param key of P-256
   */
  static String sec1(PrivateKey key) throws IOException {
    byte[] der =
        new org.bouncycastle.asn1.sec.ECPrivateKey(
                256, ((ECPrivateKey) key).getS(), SECObjectIdentifiers.secp256r1)
            .getEncoded();
    return Pem.of("EC PRIVATE KEY", der);
  }

  /**
   * @param key of RSA
   */
  static String pkcs1(PrivateKey key) {
    byte[] der = PrivateKeyInfo.getInstance(key.getEncoded()).getPrivateKey().getOctets();
    return Pem.of("RSA PRIVATE KEY", der);
  }
}
