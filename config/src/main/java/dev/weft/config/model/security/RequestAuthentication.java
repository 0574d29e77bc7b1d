package dev.weft.config.model.security;

import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import dev.weft.config.problem.Place;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whose tokens count at a workload. Who has none is anonymous; what he may do is an {@link
 * AuthorizationPolicy}'s business.
 *
 * <p>Source: Istio security/v1 {@code RequestAuthentication}.
 *
 * @param selector of workloads; empty for the whole namespace, or for the mesh in the root one
 * @param targets what it is attached to instead; empty where it says none
 */
public record RequestAuthentication(
    Meta meta, Map<String, String> selector, List<Target> targets, List<JwtRule> rules) {

  public RequestAuthentication {
    selector = Map.copyOf(selector);
    targets = List.copyOf(targets);
    rules = List.copyOf(rules);
  }

  /**
   * Tokens of one issuer.
   *
   * @param issuer that a token must name, to the letter
   * @param audiences of which a token must name one; empty for any
   * @param keys that a token must be signed by
   * @param from where a token may stand
   * @param forwardOriginalToken whether the service gets to see the token
   * @param outputs headers that tell the service of the token
   * @param spaceDelimitedClaims whose text is a list
   */
  public record JwtRule(
      Place place,
      String issuer,
      List<String> audiences,
      KeysFrom keys,
      TokenPlaces from,
      boolean forwardOriginalToken,
      Outputs outputs,
      List<String> spaceDelimitedClaims) {

    public JwtRule {
      audiences = List.copyOf(audiences);
      spaceDelimitedClaims = List.copyOf(spaceDelimitedClaims);
    }
  }

  /**
   * Where keys come from; where neither text nor address is said, the issuer tells (OpenID Connect
   * Discovery 1.0).
   *
   * @param jwks a key set (RFC 7517)
   * @param jwksUri where a key set is
   * @param timeout of fetching them, and of a request that waits for them
   */
  public record KeysFrom(Optional<String> jwks, Optional<String> jwksUri, Duration timeout) {}

  /**
   * Where a token may stand.
   *
   * @param headers of requests
   * @param params of their query
   * @param cookies by name
   */
  public record TokenPlaces(List<TokenHeader> headers, List<String> params, List<String> cookies) {

    /** Where tokens stand unless a rule says otherwise. */
    public static final TokenPlaces DEFAULT =
        new TokenPlaces(
            List.of(new TokenHeader("authorization", "Bearer ")),
            List.of("access_token"),
            List.of());

    public TokenPlaces {
      headers = List.copyOf(headers);
      params = List.copyOf(params);
      cookies = List.copyOf(cookies);
    }
  }

  /**
   * @param name in lower case
   * @param prefix before the token; may be empty
   */
  public record TokenHeader(String name, String prefix) {}

  /**
   * @param payload name of the header that gets the whole payload as it came, in base64url
   * @param claims one header each
   */
  public record Outputs(Optional<String> payload, List<ClaimHeader> claims) {

    /** None. */
    public static final Outputs NONE = new Outputs(Optional.empty(), List.of());

    public Outputs {
      claims = List.copyOf(claims);
    }
  }

  /**
   * @param header name in lower case
   * @param claim a claim, or with dots one within it
   */
  public record ClaimHeader(String header, String claim) {}
}
