package dev.weft.routing.authentication.jwt;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;

/**
 * A key of Ed25519, by the JDK: the JOSE library wants another one for it.
 *
 * <p>Source: RFC 8032 section 5.1, RFC 8037 section 2.
 */
final class Edwards {

  private static final int BYTES = 32;

  private final PublicKey key;

  private Edwards(PublicKey key) {
    this.key = key;
  }

  /**
   * @param encoded the point as it stands in a key set: little-endian, the last bit x's sign
   * @throws IllegalArgumentException where it is no key
   */
  static Edwards of(byte[] encoded) {
    if (encoded.length != BYTES) {
      throw new IllegalArgumentException("x: " + encoded.length + " bytes (expected: 32)");
    }
    byte[] big = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      big[i] = encoded[BYTES - 1 - i];
    }
    boolean odd = (big[0] & 0x80) != 0;
    big[0] &= 0x7F;
    EdECPoint point = new EdECPoint(odd, new BigInteger(1, big));
    try {
      return new Edwards(
          KeyFactory.getInstance("Ed25519")
              .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point)));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("x: no point (expected: one of Ed25519)", e);
    }
  }

  boolean signed(byte[] text, byte[] signature) throws GeneralSecurityException {
    Signature check = Signature.getInstance("Ed25519");
    check.initVerify(key);
    check.update(text);
    return check.verify(signature);
  }
}
