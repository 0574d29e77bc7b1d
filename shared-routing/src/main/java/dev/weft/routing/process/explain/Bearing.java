package dev.weft.routing.process.explain;

import dev.weft.config.model.MeshConfig;
import dev.weft.routing.authentication.Authentication;
import dev.weft.routing.authentication.AuthenticationCompiler;
import dev.weft.routing.authentication.KeySources;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.token.Token;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A token that a request is thought to have, whose signature is right.
 *
 * @param claims by name; several audiences and scopes are separated by spaces
 */
public record Bearing(Map<String, String> claims) {

  /** None. */
  public static final Bearing NOTHING = new Bearing(Map.of());

  public Bearing {
    claims = Map.copyOf(claims);
  }

  /** What of it counts at a workload. */
  Token at(MeshConfig config, Workload workload) {
    return !claims.isEmpty() && looked(config, workload).trusts(issuer()) ? token() : Token.NONE;
  }

  /** Who bears what of it counts at a workload. */
  public Caller borne(MeshConfig config, Workload workload, Caller by) {
    return by.bearing(at(config, workload));
  }

  /** What becomes of it at a workload; empty where there is none. */
  public Optional<String> told(MeshConfig config, Workload workload) {
    if (claims.isEmpty()) {
      return Optional.empty();
    }
    Authentication looked = looked(config, workload);
    if (looked.none()) {
      return Optional.of("nobody looks at it: no RequestAuthentication holds here");
    }
    return Optional.of(
        looked.trusts(issuer())
            ? "counts, as " + token().principal()
            : "401, of an issuer that does not count here");
  }

  private static Authentication looked(MeshConfig config, Workload workload) {
    return new AuthenticationCompiler(workload, KeySources.NONE, 0).compile(config);
  }

  private String issuer() {
    return claims.getOrDefault("iss", "");
  }

  private Token token() {
    String subject = claims.getOrDefault("sub", "");
    Map<String, Object> all = new LinkedHashMap<>(claims);
    for (String list : List.of("aud", "scope", "permission")) {
      all.computeIfPresent(list, (name, text) -> words(claims.getOrDefault(name, "")));
    }
    return new Token(
        subject.isEmpty() ? "" : issuer() + "/" + subject,
        words(claims.getOrDefault("aud", "")),
        claims.getOrDefault("azp", ""),
        all);
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split(" +", -1));
  }
}
