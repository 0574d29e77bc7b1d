package dev.weft.routing.exchange.token;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a verified token says of a request. Verifying takes time, so that it is an argument of the
 * decision.
 *
 * @param principal issuer and subject, {@code iss/sub}; empty without a token
 * @param presenter the claim {@code azp}; empty where there is none
 * @param claims by name: texts, lists, mappings
 */
public record Token(
    String principal, List<String> audiences, String presenter, Map<String, Object> claims) {

  /** Nothing was verified. */
  public static final Token NONE = new Token("", List.of(), "", Map.of());

  public Token {
    audiences = List.copyOf(audiences);
    claims = Map.copyOf(claims);
  }

  /** The texts of a claim, or of one within it; none where it is no text and no list of them. */
  public List<String> claim(List<String> path) {
    Object at = claims;
    for (String name : path) {
      Object inner = at instanceof Map<?, ?> map ? map.get(name) : null;
      if (inner == null) {
        return List.of();
      }
      at = inner;
    }
    Stream<?> all = at instanceof List<?> list ? list.stream() : Stream.of(at);
    return all.filter(
            one -> one instanceof String || one instanceof Boolean || one instanceof Number)
        .map(String::valueOf)
        .toList();
  }
}
