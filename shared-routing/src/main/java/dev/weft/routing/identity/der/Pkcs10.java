package dev.weft.routing.identity.der;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;

/**
 * Writes a request for a certificate. It names nobody and asks for nothing but the key: whose
 * certificate it becomes is the authority's to say.
 *
 * <p>Source: PKCS#10 (RFC 2986); the signature's name is of RFC 5758.
 */
public final class Pkcs10 {

  private static final byte[] VERSION = Der.hex("020100");
  private static final byte[] NOBODY = Der.sequence();
  private static final byte[] ECDSA_WITH_SHA256 = Der.hex("06082a8648ce3d040302");

  private Pkcs10() {}

  /**
   * @param keys of an elliptic curve; the private one proves, by a signature, that it is there
   * @throws GeneralSecurityException where they are of another kind
   */
  public static byte[] request(KeyPair keys) throws GeneralSecurityException {
    byte[] info = Der.sequence(VERSION, NOBODY, keys.getPublic().getEncoded(), Der.noAttributes());
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(info);
    return Der.sequence(info, Der.sequence(ECDSA_WITH_SHA256), Der.bits(signature.sign()));
  }
}
