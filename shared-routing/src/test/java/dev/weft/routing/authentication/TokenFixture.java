package dev.weft.routing.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.authentication.Answer.Bad;
import dev.weft.routing.authentication.Answer.Known;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.body.NoBody;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.testkit.token.TestKey;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;

/** Issuers, their keys, and what is said of requests with their tokens. */
final class TokenFixture {

  static final TestKey RSA = TestKey.rsa("rsa", 2048);
  static final TestKey P256 = TestKey.ec("p256", "secp256r1");
  static final TestKey P384 = TestKey.ec("p384", "secp384r1");
  static final TestKey P521 = TestKey.ec("p521", "secp521r1");
  static final TestKey ED = TestKey.ed25519("ed");
  static final TestKey STRANGER = TestKey.rsa("rsa", 2048); // by the name of another
  static final TestKey UNKNOWN = TestKey.rsa("unknown", 2048);
  static final String KEYS = TestKey.set(RSA, P256, P384, P521, ED);
  static final long NOW = new HandTicker().epochMillis() / 1000;

  static final Workload SEARCH =
      new Workload("prod", "search", "cluster.local", Map.of("app", "search"));

  final HandTicker ticker = new HandTicker();
  final Loop loop = new Loop(0, new HandTimers(), ticker);

  /** Claims of a token that counts; more of them, each with a comma before it. */
  static String claims(String more) {
    return "{\"iss\":\"https://issuer.test\",\"sub\":\"alice\"" + more + "}";
  }

  /** A RequestAuthentication of {@code prod} with this rule and the keys of the issuer. */
  static String rule(String more) {
    return rules("{issuer: https://issuer.test, jwks: '" + KEYS + "'" + more + "}");
  }

  static String rules(String... rules) {
    return resource("tokens", "prod", "{jwtRules: [" + String.join(", ", rules) + "]}");
  }

  static String resource(String name, String namespace, String spec) {
    return """
    apiVersion: security.istio.io/v1
    kind: RequestAuthentication
    metadata: {name: %s, namespace: %s}
    spec: %s
    """
        .formatted(name, namespace, spec);
  }

  static MeshConfig config(String... texts) {
    LoadResult result =
        ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", String.join("---\n", texts))));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    return result.config();
  }

  static Authentication compiled(String... texts) {
    return new AuthenticationCompiler(SEARCH, KeySources.NONE, 1).compile(config(texts));
  }

  static RequestHead head(String query, String... headers) {
    MultiMap all = HttpHeaders.headers();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1]);
    }
    return new RequestHead("GET", "http", "search.test", "/a", query, all);
  }

  static Request request(RequestHead head) {
    MultiMap sent = HttpHeaders.headers().addAll(head.headers());
    return new Request(head, HttpVersion.HTTP_1_1, false, new NoBody(), sent);
  }

  /** What is said of a request with this token. */
  String said(Authentication authentication, String token) {
    return said(authentication.of(head("", "authorization", "Bearer " + token), loop));
  }

  static String said(Answer answer) {
    if (answer instanceof Known known) {
      return "good " + known.token().principal();
    }
    if (answer instanceof Bad bad) {
      return bad.fault().text();
    }
    return answer instanceof Answer.Waits ? "waits" : "anonymous";
  }
}
