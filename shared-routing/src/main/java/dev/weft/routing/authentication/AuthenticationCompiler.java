package dev.weft.routing.authentication;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.security.RequestAuthentication.JwtRule;
import dev.weft.config.model.security.RequestAuthentication.KeysFrom;
import dev.weft.routing.authentication.KeySources.Address;
import dev.weft.routing.authentication.jwt.JoseKeys;
import dev.weft.routing.authorization.Policies;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.resilience.overload.AsksUnderWay;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes of the RequestAuthentications that hold for a workload what its requests are looked at by:
 * the rules of all of them together. What did not change keeps the tokens that it knows. One thread
 * at a time.
 */
public final class AuthenticationCompiler {

  private final Workload workload;
  private final KeySources sources;
  private final int loops;
  private final AsksUnderWay fetching;
  private Authentication last = Authentication.NONE;

  /**
   * @param loops of the process
   */
  public AuthenticationCompiler(Workload workload, KeySources sources, int loops) {
    this.workload = workload;
    this.sources = sources;
    this.loops = loops;
    this.fetching = AsksUnderWay.ofHalf(loops);
  }

  public Authentication compile(MeshConfig config) {
    List<JwtRule> rules =
        config.requestAuthentications().stream()
            .filter(
                one -> Policies.holds(config, workload, one.meta(), one.selector(), one.targets()))
            .flatMap(one -> one.rules().stream())
            .toList();
    if (!rules.equals(last.rules())) {
      last =
          rules.isEmpty()
              ? Authentication.NONE
              : new Authentication(
                  rules.stream().map(rule -> new TokenRule(rule, keys(rule))).toList(),
                  loops,
                  fetching);
    }
    Set<Address> used =
        rules.stream().flatMap(rule -> address(rule).stream()).collect(Collectors.toSet());
    sources.retain(used);
    return last;
  }

  private KeySource keys(JwtRule rule) {
    Optional<Address> address = address(rule);
    return address.isPresent()
        ? sources.of(address.get())
        : KeySource.fixed(JoseKeys.parse(rule.keys().jwks().orElseThrow()));
  }

  private static Optional<Address> address(JwtRule rule) {
    KeysFrom keys = rule.keys();
    return keys.jwks().isPresent()
        ? Optional.empty()
        : Optional.of(new Address(rule.issuer(), keys.jwksUri(), keys.timeout()));
  }
}
