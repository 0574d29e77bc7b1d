package dev.weft.routing.process.explain;

import dev.weft.config.model.MeshConfig;
import dev.weft.routing.authentication.Answer;
import dev.weft.routing.authentication.Authentication;
import dev.weft.routing.authentication.AuthenticationCompiler;
import dev.weft.routing.authentication.KeySources;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.token.Token;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A token that a request is thought to have: one whose claims are told and whose signature is taken
 * for right, or else the one that stands in the request.
 *
 * @param claims by name; several audiences and scopes are separated by spaces
 * @param head of the request in which a token may stand
 */
public record Bearing(Map<String, String> claims, Optional<RequestHead> head) {

  /** None. */
  public static final Bearing NOTHING = new Bearing(Map.of());

  public Bearing {
    claims = Map.copyOf(claims);
  }

  /**
   * What becomes of a token at a workload.
   *
   * @param refused whether its request is answered with 401
   * @param text for people
   */
  public record Standing(boolean refused, String text) {

    private static Standing taken(String text) {
      return new Standing(false, text);
    }

    private static Standing refused(String why) {
      return new Standing(true, "401, " + why);
    }
  }

  /** One whose claims are told; none where there are no claims. */
  public Bearing(Map<String, String> claims) {
    this(claims, Optional.empty());
  }

  /** The same, or without claims the one of a request. */
  Bearing of(RequestHead request) {
    return claims.isEmpty() ? new Bearing(claims, Optional.of(request)) : this;
  }

  /** What of it counts at a workload. */
  Token at(MeshConfig config, Workload workload) {
    if (!claims.isEmpty()) {
      return looked(config, workload).trusts(issuer()) ? token() : Token.NONE;
    }
    return found(looked(config, workload)) instanceof Answer.Known good ? good.token() : Token.NONE;
  }

  /** Who bears what of it counts at a workload. */
  public Caller borne(MeshConfig config, Workload workload, Caller by) {
    return by.bearing(at(config, workload));
  }

  /** What rules of a workload compare of a request that has it. */
  RequestHead seen(MeshConfig config, Workload workload, RequestHead request) {
    Authentication looked = looked(config, workload);
    return looked.none() || !claims.isEmpty() ? request : looked.seen(request, found(looked));
  }

  /** What becomes of it at a workload; empty where there is none. */
  public Optional<Standing> standing(MeshConfig config, Workload workload) {
    Authentication looked = looked(config, workload);
    if (!claims.isEmpty()) {
      return Optional.of(told(looked));
    }
    Answer answer = found(looked);
    if (answer instanceof Answer.Bad bad) {
      return Optional.of(Standing.refused(bad.fault().text().replace("token: ", "")));
    }
    return answer instanceof Answer.Known good
        ? Optional.of(
            Standing.taken(
                "counts, as " + good.token().principal() + proviso(looked, good.token())))
        : Optional.empty();
  }

  private Standing told(Authentication looked) {
    if (looked.none()) {
      return Standing.taken("nobody looks at it: no RequestAuthentication holds here");
    }
    return looked.trusts(issuer())
        ? Standing.taken("counts, as " + token().principal())
        : Standing.refused("of an issuer that does not count here");
  }

  private static String proviso(Authentication looked, Token token) {
    String issuer = String.join("", token.claim(List.of("iss")));
    return looked.knowsKeys(issuer)
        ? ""
        : ", if its signature is right: the keys of its issuer are not asked for here";
  }

  private Answer found(Authentication looked) {
    return head.isPresent()
        ? looked.thought(head.get(), new SystemTicker().epochMillis())
        : Answer.None.ANONYMOUS;
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
