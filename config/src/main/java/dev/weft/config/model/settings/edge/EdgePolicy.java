package dev.weft.config.model.settings.edge;

import dev.weft.config.model.HttpRoute.CorsPolicy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a gateway asks of its callers and tells them, for all rules ({@code spec.edge}) or for some
 * ({@code spec.routes[]}).
 *
 * @param allowFrom addresses and blocks (RFC 4632) of callers that may come; empty for any
 * @param denyFrom of callers that may not, whatever {@code allowFrom} says
 * @param cors for rules that have no {@code corsPolicy} of their own
 * @param apiKeys of which a caller must show one
 * @param basicAuth users of whom a caller must be one; where both are said both are asked for
 * @param securityHeaders that answers get where the service did not set them
 */
public record EdgePolicy(
    List<String> allowFrom,
    List<String> denyFrom,
    Optional<CorsPolicy> cors,
    Optional<ApiKeys> apiKeys,
    Optional<BasicAuth> basicAuth,
    Optional<SecurityHeaders> securityHeaders) {

  /** Nothing is asked and nothing told. */
  public static final EdgePolicy NONE =
      new EdgePolicy(
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  public EdgePolicy {
    allowFrom = List.copyOf(allowFrom);
    denyFrom = List.copyOf(denyFrom);
  }

  /**
   * This of some rules, with what it does not say from the wider one. Who is denied there is denied
   * here too.
   */
  public EdgePolicy within(EdgePolicy wider) {
    Set<String> denied = new LinkedHashSet<>(wider.denyFrom);
    denied.addAll(denyFrom);
    return new EdgePolicy(
        allowFrom.isEmpty() ? wider.allowFrom : allowFrom,
        List.copyOf(denied),
        cors.or(() -> wider.cors),
        apiKeys.or(() -> wider.apiKeys),
        basicAuth.or(() -> wider.basicAuth),
        securityHeaders.or(() -> wider.securityHeaders));
  }

  /** The same without what is said of other origins. */
  public EdgePolicy withoutCors() {
    return withCors(Optional.empty());
  }

  /** The same with something else said of other origins. */
  public EdgePolicy withCors(Optional<CorsPolicy> other) {
    return new EdgePolicy(allowFrom, denyFrom, other, apiKeys, basicAuth, securityHeaders);
  }

  /** Whether callers must show something that a preflight never has. */
  public boolean asksForCredentials() {
    return apiKeys.filter(one -> !one.keys().isEmpty()).isPresent()
        || basicAuth.filter(one -> !one.users().isEmpty()).isPresent();
  }
}
