package dev.weft.routing.identity.der;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.List;

/**
 * Writes a request for a certificate. Within the mesh it names nobody and asks for nothing but the
 * key: whose certificate it becomes is the authority's to say.
 *
 * <p>Source: PKCS#10 (RFC 2986); RFC 2985 section 5.4.2 for the names.
 */
public final class Pkcs10 {

  private static final byte[] VERSION = Der.hex("020100");
  private static final byte[] NOBODY = Der.sequence();
  private static final byte[] EXTENSION_REQUEST = Der.hex("06092a864886f70d01090e");

  private Pkcs10() {}

  /**
   * @param keys of an elliptic curve; the private one proves, by a signature, that it is there
   * @throws GeneralSecurityException where they are of another kind
   */
  public static byte[] request(KeyPair keys) throws GeneralSecurityException {
    return request(keys, Der.noAttributes());
  }

  /**
   * Asks for names of servers.
   *
   * @param names DNS names
   * @throws GeneralSecurityException where the keys are of another kind
   */
  public static byte[] request(KeyPair keys, List<String> names) throws GeneralSecurityException {
    byte[] extensions = Der.sequence(Certificates.names(names));
    return request(keys, Der.tagged(0, Der.sequence(EXTENSION_REQUEST, Der.set(extensions))));
  }

  private static byte[] request(KeyPair keys, byte[] attributes) throws GeneralSecurityException {
    byte[] info = Der.sequence(VERSION, NOBODY, keys.getPublic().getEncoded(), attributes);
    return Certificates.signed(info, keys.getPrivate());
  }
}
