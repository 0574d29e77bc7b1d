package dev.weft.routing.stage.edge.password;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.MultiMap;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A name and a password as a caller showed them.
 *
 * <p>Source: RFC 7617 section 2: UTF-8, no control characters, the first colon ends the name.
 */
public record Credentials(String user, String password) {

  private static final String SCHEME = "basic";
  private static final int LONGEST = 4096;

  /**
   * What stands in a head; empty where there is none, several of them, or something else.
   *
   * @param headers as they came
   */
  public static Optional<Credentials> of(MultiMap headers) {
    List<String> all = headers.getAll(HttpHeaderNames.AUTHORIZATION);
    return all.size() == 1 ? parse(all.get(0)) : Optional.empty();
  }

  /**
   * @param value of {@code Authorization}
   */
  static Optional<Credentials> parse(String value) {
    int space = value.indexOf(' ');
    if (value.length() > LONGEST
        || space != SCHEME.length()
        || !value.regionMatches(true, 0, SCHEME, 0, space)) {
      return Optional.empty();
    }
    int start = space;
    while (start < value.length() && value.charAt(start) == ' ') {
      start++;
    }
    return decoded(value.substring(start)).flatMap(Credentials::apart);
  }

  private static Optional<String> decoded(String token) {
    if (token.isEmpty() || token.length() % 4 != 0) {
      return Optional.empty(); // every reader of base64 must read the same
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(token);
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (IllegalArgumentException | CharacterCodingException garbled) {
      return Optional.empty();
    }
  }

  private static Optional<Credentials> apart(String text) {
    int colon = text.indexOf(':');
    boolean control = text.chars().anyMatch(Character::isISOControl);
    return colon <= 0 || control
        ? Optional.empty()
        : Optional.of(new Credentials(text.substring(0, colon), text.substring(colon + 1)));
  }

  @Override
  public String toString() {
    return "Credentials[redacted]";
  }
}
