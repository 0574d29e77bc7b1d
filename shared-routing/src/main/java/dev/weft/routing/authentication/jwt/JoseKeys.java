package dev.weft.routing.authentication.jwt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The public keys of an issuer. Those that sign nothing that is taken (secrets, keys for
 * encryption, curves and kinds that are not known) are left out. Immutable; any thread.
 *
 * <p>Source: RFC 7517 section 5.
 */
public final class JoseKeys {

  /** Characters of the longest set. */
  public static final int LONGEST = 256 * 1024;

  private static final int MOST_KEYS = 100;
  private static final int MOST_TRIED = 16; // by a token that does not say which

  private final String text;
  private final List<JoseKey> keys;

  private JoseKeys(String text, List<JoseKey> keys) {
    this.text = text;
    this.keys = List.copyOf(keys);
  }

  /**
   * @throws IllegalArgumentException where the text is no key set; its message tells nothing of it
   */
  public static JoseKeys parse(String text) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException("longer than " + LONGEST + " characters");
    }
    Object list = Json.object(text).map(object -> object.get("keys")).orElse("");
    if (!(list instanceof List<?> entries)) {
      throw new IllegalArgumentException("no JSON with a list of keys");
    }
    if (entries.size() > MOST_KEYS) {
      throw new IllegalArgumentException(entries.size() + " keys (at most: " + MOST_KEYS + ")");
    }
    List<JoseKey> keys = new ArrayList<>();
    entries.forEach(entry -> key(entry).ifPresent(keys::add));
    return new JoseKeys(text, keys);
  }

  private static Optional<JoseKey> key(Object entry) {
    if (!(entry instanceof Map<?, ?>)) {
      return Optional.empty();
    }
    try {
      return JoseKey.of(JWK.parse(Json.text(entry)));
    } catch (ParseException | JOSEException | JsonProcessingException | RuntimeException e) {
      return Optional.empty(); // one that is broken does not take the others with it
    }
  }

  /** Whether they were written alike: what was found out by these holds by the others. */
  public boolean same(JoseKeys other) {
    return text.equals(other.text);
  }

  /** How many of them may sign. */
  public int size() {
    return keys.size();
  }

  /** Ends well where one of them signed the token. Costs 30 to 400 us. */
  public void check(SignedToken token) throws Refused {
    if (!JoseKey.TAKEN.contains(token.header().getAlgorithm())) {
      throw new Refused(TokenFault.ALGORITHM);
    }
    int tried = 0;
    for (JoseKey key : keys) {
      if (key.fits(token) && tried < MOST_TRIED) {
        tried++;
        if (key.signed(token)) {
          return;
        }
      }
    }
    throw new Refused(tried == 0 ? TokenFault.UNKNOWN_KEY : TokenFault.SIGNATURE);
  }
}
