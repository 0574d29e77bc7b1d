package dev.weft.routing.authentication;

import java.math.BigInteger;

/** Signatures that nobody made. */
final class SignatureBytes {

  private SignatureBytes() {}

  static byte[] pair(BigInteger r, BigInteger s) {
    byte[] all = new byte[64];
    put(r, all, 0);
    put(s, all, 32);
    return all;
  }

  private static void put(BigInteger value, byte[] all, int at) {
    byte[] bytes = value.toByteArray();
    int length = Math.min(32, bytes.length);
    System.arraycopy(bytes, bytes.length - length, all, at + 32 - length, length);
  }

  /** Another signature that a lenient check would take (RFC 8032 section 8.4). */
  static byte[] malleable(byte[] signature) {
    BigInteger order =
        BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
    byte[] big = new byte[32];
    for (int i = 0; i < 32; i++) {
      big[i] = signature[63 - i];
    }
    byte[] sum = new BigInteger(1, big).add(order).toByteArray();
    byte[] other = signature.clone();
    for (int i = 0; i < 32; i++) {
      other[32 + i] = i < sum.length ? sum[sum.length - 1 - i] : 0;
    }
    return other;
  }
}
