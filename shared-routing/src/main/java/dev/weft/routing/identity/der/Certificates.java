package dev.weft.routing.identity.der;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * Writes parts of certificates, and the one kind of certificates that a proxy makes: the proof that
 * it has a name, which an authority asks for before it issues one.
 *
 * <p>Source: RFC 5280; RFC 8737 section 3; the signature's name is of RFC 5758.
 */
public final class Certificates {

  private static final byte[] ECDSA_WITH_SHA256 = Der.hex("06082a8648ce3d040302");
  private static final byte[] VERSION_3 = Der.hex("020102");
  private static final byte[] COMMON_NAME = Der.hex("0603550403");
  private static final byte[] SUBJECT_ALT_NAME = Der.hex("0603551d11");
  private static final byte[] ACME_IDENTIFIER = Der.hex("06082b0601050507011f");
  private static final byte[] CRITICAL = Der.hex("0101ff");
  private static final int DNS_NAME = 2;
  private static final int EXTENSIONS = 3;
  private static final long DAY_SECONDS = 86_400;
  private static final DateTimeFormatter UTC_TIME = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'");

  private Certificates() {}

  /** The extension that names servers. */
  static byte[] names(List<String> names) {
    byte[][] each =
        names.stream()
            .map(name -> Der.instead(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII)))
            .toArray(byte[][]::new);
    return Der.sequence(SUBJECT_ALT_NAME, Der.octets(Der.sequence(each)));
  }

  /**
   * @param content a whole value
   * @param key of an elliptic curve
   */
  static byte[] signed(byte[] content, PrivateKey key) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update(content);
    return Der.sequence(content, Der.sequence(ECDSA_WITH_SHA256), Der.bits(signature.sign()));
  }

  /**
   * Shown to an authority that asks for {@code name} by TLS-ALPN-01; it is good for nothing else.
   *
   * @param keys of an elliptic curve
   * @param digest of the authorization that the authority wants to see
   * @return X.509, DER, of a day
   * @throws GeneralSecurityException where the keys are of another kind
   */
  public static byte[] proof(KeyPair keys, String name, byte[] digest, Instant now)
      throws GeneralSecurityException {
    byte[] nobody = Der.sequence(Der.set(Der.sequence(COMMON_NAME, Der.text("acme.invalid"))));
    byte[] extensions =
        Der.sequence(
            names(List.of(name)),
            Der.sequence(ACME_IDENTIFIER, CRITICAL, Der.octets(Der.octets(digest))));
    byte[] content =
        Der.sequence(
            Der.tagged(0, VERSION_3),
            Der.integer(BigInteger.valueOf(now.toEpochMilli())),
            Der.sequence(ECDSA_WITH_SHA256),
            nobody,
            Der.sequence(time(now.minusSeconds(DAY_SECONDS)), time(now.plusSeconds(DAY_SECONDS))),
            nobody,
            keys.getPublic().getEncoded(),
            Der.tagged(EXTENSIONS, extensions));
    return signed(content, keys.getPrivate());
  }

  private static byte[] time(Instant when) {
    return Der.utcTime(UTC_TIME.format(when.atOffset(ZoneOffset.UTC)));
  }
}
