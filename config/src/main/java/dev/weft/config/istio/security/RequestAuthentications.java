package dev.weft.config.istio.security;

import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import dev.weft.config.model.security.RequestAuthentication;
import dev.weft.config.model.security.RequestAuthentication.ClaimHeader;
import dev.weft.config.model.security.RequestAuthentication.JwtRule;
import dev.weft.config.model.security.RequestAuthentication.KeysFrom;
import dev.weft.config.model.security.RequestAuthentication.Outputs;
import dev.weft.config.model.security.RequestAuthentication.TokenHeader;
import dev.weft.config.model.security.RequestAuthentication.TokenPlaces;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.HttpText;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads a RequestAuthentication. */
public final class RequestAuthentications {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration MOST = Duration.ofMinutes(1);

  /** What a header of a token must not be: others rely on what these say. */
  private static final Set<String> RESERVED =
      Set.of(
          "host",
          "connection",
          "content-length",
          "transfer-encoding",
          "te",
          "trailer",
          "upgrade",
          "expect",
          "keep-alive",
          "forwarded");

  private static final List<String> RESERVED_STARTS =
      List.of(":", "x-forwarded-", "x-weft-", "x-envoy-", "proxy-");

  private RequestAuthentications() {}

  public static RequestAuthentication read(Meta meta, Fields spec) {
    Map<String, String> selector = spec.matchLabels("selector");
    List<Target> targets = Targets.read(meta, spec, selector);
    List<JwtRule> rules = new ArrayList<>();
    for (Fields fields : spec.objects("jwtRules")) {
      rules.add(rule(fields));
    }
    if (rules.isEmpty()) {
      spec.warning(
          Codes.TRAP,
          "jwtRules",
          "no jwtRules: no token is looked at",
          "name an issuer whose tokens count");
    }
    spec.done();
    return new RequestAuthentication(meta, selector, targets, rules);
  }

  private static JwtRule rule(Fields fields) {
    String issuer = fields.required("issuer", "what its tokens name as iss");
    List<String> audiences = fields.texts("audiences");
    if (fields.has("audiences") && fields.items("audiences").isEmpty()) {
      Words.empty(fields, "audiences");
    }
    JwtRule rule =
        new JwtRule(
            fields.place(),
            issuer,
            audiences,
            keys(fields, issuer),
            places(fields),
            fields.flag("forwardOriginalToken", false),
            outputs(fields),
            fields.texts("spaceDelimitedClaims"));
    fields.done();
    return rule;
  }

  private static KeysFrom keys(Fields fields, String issuer) {
    Optional<String> jwks = fields.text("jwks").filter(text -> !text.isEmpty());
    Optional<String> address = fields.text("jwksUri").filter(text -> !text.isEmpty());
    if (jwks.isPresent() && address.isPresent()) {
      fields.error(Codes.CONFLICT, "jwks", "jwks beside jwksUri", "keep one of them");
    }
    jwks.ifPresent(text -> KeySetText.check(fields, "jwks", text));
    address.ifPresent(text -> address(fields, "jwksUri", text));
    if (jwks.isEmpty() && address.isEmpty() && !issuer.isEmpty()) {
      address(fields, "issuer", issuer);
    }
    Duration timeout = fields.duration("timeout", LEAST).orElse(TIMEOUT);
    if (timeout.compareTo(MOST) > 0) {
      fields.error(
          Codes.OUT_OF_RANGE,
          "timeout",
          "timeout " + timeout.toSeconds() + "s (expected: at most " + MOST.toSeconds() + "s)",
          "requests wait for it");
    }
    return new KeysFrom(jwks, address, timeout);
  }

  private static void address(Fields fields, String name, String text) {
    Optional<URI> uri = uri(text);
    if (uri.isEmpty()) {
      fields.error(
          name.equals("issuer") ? Codes.MISSING_FIELD : Codes.UNKNOWN_VALUE,
          name,
          name
              + " '"
              + Fields.shortened(text)
              + "' (expected: https://HOST..., without user and fragment)",
          name.equals("issuer") ? "or write jwks or jwksUri: it tells where its keys are not" : "");
    } else if (Fields.lower(uri.get().getScheme()).equals("http")) {
      fields.warning(
          Codes.TRAP,
          name,
          "keys come in plaintext from '" + Fields.shortened(text) + "'",
          "who is on the way may put in keys of his own and sign any token; write https://");
    }
  }

  /** Empty where keys cannot be fetched from there. */
  private static Optional<URI> uri(String text) {
    try {
      URI uri = URI.create(text);
      String scheme = uri.getScheme() == null ? "" : Fields.lower(uri.getScheme());
      boolean good =
          (scheme.equals("https") || scheme.equals("http"))
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawFragment() == null;
      return good ? Optional.of(uri) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static TokenPlaces places(Fields fields) {
    List<TokenHeader> headers = new ArrayList<>();
    for (Fields header : fields.objects("fromHeaders")) {
      String name = Fields.lower(header.required("name", "a header's name"));
      if (!name.isEmpty()) {
        HttpText.name(header, name);
      }
      headers.add(new TokenHeader(name, header.text("prefix", "")));
      header.done();
    }
    List<String> params = named(fields, "fromParams");
    List<String> cookies = named(fields, "fromCookies");
    boolean none = headers.isEmpty() && params.isEmpty() && cookies.isEmpty();
    return none ? TokenPlaces.DEFAULT : new TokenPlaces(headers, params, cookies);
  }

  private static List<String> named(Fields fields, String name) {
    List<String> all = fields.texts(name);
    if (all.contains("")) {
      fields.error(Codes.UNKNOWN_VALUE, name, "an empty name (expected: some text)", "");
    }
    return all;
  }

  private static Outputs outputs(Fields fields) {
    Set<String> taken = new TreeSet<>();
    Optional<String> payload =
        fields
            .text("outputPayloadToHeader")
            .filter(text -> !text.isEmpty())
            .map(text -> header(fields, "outputPayloadToHeader", text, taken));
    List<ClaimHeader> claims = new ArrayList<>();
    for (Fields output : fields.objects("outputClaimToHeaders")) {
      String header = output.required("header", "the header that tells of the claim");
      String claim = output.required("claim", "e.g. sub");
      if (!header.isEmpty()) {
        claims.add(new ClaimHeader(header(output, "header", header, taken), claim));
      }
      output.done();
    }
    return new Outputs(payload, claims);
  }

  private static String header(Fields fields, String field, String text, Set<String> taken) {
    String name = Fields.lower(text);
    boolean reserved =
        RESERVED.contains(name) || RESERVED_STARTS.stream().anyMatch(name::startsWith);
    if (reserved) {
      fields.error(
          Codes.OUT_OF_RANGE, field, "header '" + name + "' is not for tokens", "choose another");
    } else {
      HttpText.name(fields, name);
    }
    if (!taken.add(name)) {
      fields.error(
          Codes.CONFLICT, field, "header '" + name + "' a second time in this rule", "keep one");
    }
    return name;
  }
}
