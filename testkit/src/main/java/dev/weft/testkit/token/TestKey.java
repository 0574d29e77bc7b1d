package dev.weft.testkit.token;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A key that signs tokens, and what a key set says of it. */
public final class TestKey {

  private static final Map<Integer, String> CURVES = Map.of(32, "P-256", 48, "P-384", 66, "P-521");

  private final String id;
  private final KeyPair pair;

  private TestKey(String id, KeyPair pair) {
    this.id = id;
    this.pair = pair;
  }

  public static TestKey rsa(String id, int bits) {
    return made(id, "RSA", generator -> generator.initialize(bits));
  }

  /**
   * @param curve e.g. {@code secp256r1}
   */
  public static TestKey ec(String id, String curve) {
    return made(id, "EC", generator -> generator.initialize(new ECGenParameterSpec(curve)));
  }

  public static TestKey ed25519(String id) {
    return made(id, "Ed25519", generator -> {});
  }

  private interface Prepared {
    void with(KeyPairGenerator generator) throws GeneralSecurityException;
  }

  private static TestKey made(String id, String algorithm, Prepared prepared) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      prepared.with(generator);
      return new TestKey(id, generator.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public String id() {
    return id;
  }

  /** The public half, encoded as X.509 has it. */
  public byte[] encoded() {
    return pair.getPublic().getEncoded();
  }

  /** A set of these keys. */
  public static String set(TestKey... keys) {
    return set(Arrays.stream(keys).map(key -> key.jwk("")).toList());
  }

  /** A set of these entries. */
  public static String set(List<String> entries) {
    return entries.stream().collect(Collectors.joining(",", "{\"keys\":[", "]}"));
  }

  /**
   * The entry of a key set.
   *
   * @param more members, each with a comma before it
   */
  public String jwk(String more) {
    return "{\"kid\":\"" + id + "\"," + members() + more + "}";
  }

  /** The entry without a name. */
  public String nameless() {
    return "{" + members() + "}";
  }

  private String members() {
    if (pair.getPublic() instanceof RSAPublicKey rsa) {
      return "\"kty\":\"RSA\",\"n\":\""
          + encoded(unsigned(rsa.getModulus()))
          + "\",\"e\":\""
          + encoded(unsigned(rsa.getPublicExponent()))
          + "\"";
    }
    if (pair.getPublic() instanceof ECPublicKey ec) {
      int size = (ec.getParams().getCurve().getField().getFieldSize() + 7) / 8;
      return "\"kty\":\"EC\",\"crv\":\""
          + CURVES.get(size)
          + "\",\"x\":\""
          + encoded(padded(ec.getW().getAffineX(), size))
          + "\",\"y\":\""
          + encoded(padded(ec.getW().getAffineY(), size))
          + "\"";
    }
    EdECPublicKey edwards = (EdECPublicKey) pair.getPublic();
    byte[] big = padded(edwards.getPoint().getY(), 32);
    byte[] little = new byte[32];
    for (int i = 0; i < 32; i++) {
      little[i] = big[31 - i];
    }
    if (edwards.getPoint().isXOdd()) {
      little[31] |= (byte) 0x80;
    }
    return "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + encoded(little) + "\"";
  }

  private static byte[] unsigned(BigInteger value) {
    return padded(value, (value.bitLength() + 7) / 8);
  }

  private static byte[] padded(BigInteger value, int size) {
    byte[] bytes = value.toByteArray();
    byte[] all = new byte[size];
    int length = Math.min(bytes.length, size);
    System.arraycopy(bytes, bytes.length - length, all, size - length, length);
    return all;
  }

  /** A token of these claims, by its name. */
  public String token(String algorithm, String claims) {
    return token(algorithm, "{\"alg\":\"" + algorithm + "\",\"kid\":\"" + id + "\"}", claims);
  }

  /**
   * @param algorithm that it is signed by, whatever the header says
   */
  public String token(String algorithm, String header, String claims) {
    String signed = encoded(header) + "." + encoded(claims);
    return signed + "." + encoded(signature(algorithm, signed));
  }

  public byte[] signature(String algorithm, String signed) {
    try {
      Signature signature = signature(algorithm, pair.getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Signature signature(String algorithm, PrivateKey key)
      throws GeneralSecurityException {
    String bits = algorithm.substring(2);
    Signature signature;
    if (algorithm.startsWith("RS")) {
      signature = Signature.getInstance("SHA" + bits + "withRSA");
    } else if (algorithm.startsWith("PS")) {
      signature = Signature.getInstance("RSASSA-PSS");
      signature.setParameter(
          new PSSParameterSpec(
              "SHA-" + bits,
              "MGF1",
              new MGF1ParameterSpec("SHA-" + bits),
              Integer.parseInt(bits) / 8,
              1));
    } else if (algorithm.startsWith("ES")) {
      signature = Signature.getInstance("SHA" + bits + "withECDSAinP1363Format");
    } else {
      signature = Signature.getInstance("Ed25519");
    }
    signature.initSign(key);
    return signature;
  }

  public static String encoded(String text) {
    return encoded(text.getBytes(StandardCharsets.UTF_8));
  }

  /** In base64url without padding. */
  public static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
