package dev.weft.routing.authentication.jwt;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;

/**
 * A token in its compact form, taken apart; its signature is not checked yet.
 *
 * <p>What its header says of keys beside {@code kid} ({@code jwk}, {@code jku}, {@code x5u}, {@code
 * x5c}) is not looked at: whom to trust is configured.
 *
 * <p>Source: RFC 7515 sections 4.1 and 7.1, RFC 7797 (refused), RFC 7519, RFC 8725.
 */
public final class SignedToken {

  /** Characters of the longest token that is looked at. */
  public static final int LONGEST = 16_384;

  private final JWSHeader header;
  private final String signed; // header and payload as they came
  private final String payload; // likewise
  private final Base64URL signature;
  private final Claims claims;

  private SignedToken(
      JWSHeader header, String signed, String payload, Base64URL signature, Claims claims) {
    this.header = header;
    this.signed = signed;
    this.payload = payload;
    this.signature = signature;
    this.claims = claims;
  }

  public static SignedToken parse(String text) throws Refused {
    if (text.length() > LONGEST) {
      throw new Refused(TokenFault.TOO_LONG);
    }
    int first = text.indexOf('.');
    int second = text.indexOf('.', first + 1);
    boolean three = first > 0 && second > first + 1 && second < text.length() - 1;
    if (!three || text.indexOf('.', second + 1) >= 0 || !plain(text)) {
      throw new Refused(TokenFault.MALFORMED);
    }
    String payload = text.substring(first + 1, second);
    return new SignedToken(
        header(text.substring(0, first)),
        text.substring(0, second),
        payload,
        new Base64URL(text.substring(second + 1)),
        new Claims(object(payload)));
  }

  private static JWSHeader header(String encoded) throws Refused {
    Map<String, Object> said = object(encoded);
    if (said.containsKey("crit") || said.containsKey("b64")) {
      throw new Refused(TokenFault.EXTENSION);
    }
    if ("none".equals(said.get("alg"))) {
      throw new Refused(TokenFault.ALGORITHM);
    }
    try {
      return JWSHeader.parse(new Base64URL(encoded));
    } catch (ParseException | IllegalArgumentException e) {
      throw new Refused(TokenFault.MALFORMED);
    }
  }

  private static Map<String, Object> object(String encoded) throws Refused {
    byte[] bytes = new Base64URL(encoded).decode();
    return Json.object(new String(bytes, StandardCharsets.UTF_8))
        .orElseThrow(() -> new Refused(TokenFault.MALFORMED));
  }

  /** Whether it has no other characters than base64url and dots: what is lenient reads more. */
  private static boolean plain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!plain(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean plain(char c) {
    boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  }

  JWSHeader header() {
    return header;
  }

  byte[] signedBytes() {
    return signed.getBytes(StandardCharsets.US_ASCII);
  }

  Base64URL signature() {
    return signature;
  }

  Optional<String> keyId() {
    return Optional.ofNullable(header.getKeyID());
  }

  /** The payload as it came, in base64url. */
  public String payload() {
    return payload;
  }

  /** What it says, proved or not. */
  public Claims claims() {
    return claims;
  }
}
