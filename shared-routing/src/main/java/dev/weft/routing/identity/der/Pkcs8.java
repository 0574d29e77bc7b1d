package dev.weft.routing.identity.der;

import java.io.IOException;

/**
 * Makes PKCS#8 (RFC 5208), which is all that the JDK reads, of the forms before it: the same key,
 * with its algorithm's name before it.
 */
public final class Pkcs8 {

  private static final byte[] VERSION = Der.hex("020100");
  private static final byte[] EC_PUBLIC_KEY = Der.hex("06072a8648ce3d0201");
  private static final byte[] RSA_ENCRYPTION_AND_NULL = Der.hex("06092a864886f70d0101010500");

  private Pkcs8() {}

  /**
   * Of a key of an elliptic curve.
   *
   * @param key SEC1 (RFC 5915)
   * @throws IOException where it is broken, or does not name its curve
   */
  public static byte[] ofSec1(byte[] key) throws IOException {
    DerReader whole = new DerReader(key);
    DerReader fields = new DerReader(whole.content(Der.SEQUENCE));
    fields.content(Der.INTEGER);
    fields.content(Der.OCTET_STRING);
    if (whole.hasMore() || !fields.isNext(Der.FIRST)) {
      throw new IOException("the key does not name its curve, or is followed by something else");
    }
    byte[] curve = fields.content(Der.FIRST);
    return Der.sequence(VERSION, Der.sequence(EC_PUBLIC_KEY, curve), Der.octets(key));
  }

  /**
   * Of a key of RSA. What is broken in it is told by whoever reads the result.
   *
   * @param key PKCS#1 (RFC 8017)
   */
  public static byte[] ofPkcs1(byte[] key) {
    return Der.sequence(VERSION, Der.sequence(RSA_ENCRYPTION_AND_NULL), Der.octets(key));
  }
}
