package dev.weft.routing.authentication;

import dev.weft.config.model.security.RequestAuthentication.ClaimHeader;
import dev.weft.config.model.security.RequestAuthentication.JwtRule;
import dev.weft.routing.authentication.jwt.Claims;
import dev.weft.routing.authentication.jwt.JoseKeys;
import dev.weft.routing.authentication.jwt.Refused;
import dev.weft.routing.authentication.jwt.SignedToken;
import dev.weft.routing.authentication.jwt.TokenFault;
import dev.weft.routing.exchange.token.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** Tokens of one issuer, and the keys that they must be signed by. */
final class TokenRule {

  /** For how long clocks may differ, as in Envoy. */
  static final long SKEW_SECONDS = 60;

  private final JwtRule rule;
  private final KeySource keys;
  private final Set<String> lists;

  TokenRule(JwtRule rule, KeySource keys) {
    this.rule = rule;
    this.keys = keys;
    this.lists = new TreeSet<>(Set.of("scope", "permission"));
    this.lists.addAll(rule.spaceDelimitedClaims());
  }

  JwtRule rule() {
    return rule;
  }

  KeySource keys() {
    return keys;
  }

  /** Whether a token is for here and for now; its signature is another question. */
  void claims(Claims claims, long nowSeconds) throws Refused {
    List<String> audiences = claims.texts("aud");
    if (!rule.audiences().isEmpty() && rule.audiences().stream().noneMatch(audiences::contains)) {
      throw new Refused(TokenFault.AUDIENCE);
    }
    OptionalLong expires = claims.seconds("exp");
    if (expires.isPresent() && expires.getAsLong() <= nowSeconds - SKEW_SECONDS) {
      throw new Refused(TokenFault.EXPIRED);
    }
    OptionalLong begins = claims.seconds("nbf");
    if (begins.isPresent() && begins.getAsLong() > nowSeconds + SKEW_SECONDS) {
      throw new Refused(TokenFault.NOT_YET);
    }
  }

  /** Ends well where one of the keys known now signed the token. */
  void signed(SignedToken token) throws Refused {
    JoseKeys known = keys.now().orElseThrow(() -> new Refused(TokenFault.NO_KEYS));
    known.check(token);
  }

  /** What is known by a token that counts. */
  Token token(Claims claims) throws Refused {
    String subject = claims.text("sub");
    String principal = subject.isEmpty() ? "" : rule.issuer() + "/" + subject;
    return new Token(principal, claims.texts("aud"), claims.text("azp"), lists(claims));
  }

  private Map<String, Object> lists(Claims claims) {
    Map<String, Object> all = new LinkedHashMap<>(claims.all());
    for (String name : lists) {
      if (all.get(name) instanceof String text) {
        all.put(name, words(text));
      }
    }
    return all;
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String word : text.split(" ", -1)) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    return words;
  }

  /** The headers that tell of a token; those of claims that it has not are not there. */
  Map<String, String> headers(SignedToken token) {
    Map<String, String> all = new LinkedHashMap<>();
    rule.outputs().payload().ifPresent(name -> all.put(name, token.payload()));
    for (ClaimHeader output : rule.outputs().claims()) {
      String line = token.claims().line(output.claim());
      if (line != null) {
        all.put(output.header(), line);
      }
    }
    return all;
  }
}
