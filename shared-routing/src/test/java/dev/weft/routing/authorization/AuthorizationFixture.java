package dev.weft.routing.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.token.Token;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the policies of a text say of one request. */
final class AuthorizationFixture {

  static final Workload SEARCH =
      new Workload("prod", "search", "cluster.local", Map.of("app", "search"));

  private AuthorizationFixture() {}

  static String policy(String name, String namespace, String spec) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
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

  /** Nothing but policies. */
  static MeshConfig config(List<AuthorizationPolicy> policies) {
    return new MeshConfig(
        List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), policies,
        List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  static AuthorizationCompiler compiler(String... texts) {
    return new AuthorizationCompiler(config(texts), SEARCH, Ambiguous.STRICT);
  }

  /** Policies of {@code prod}, each by what it does and its rules. */
  static Authorization policies(String... specs) {
    List<String> texts = new ArrayList<>();
    for (String spec : specs) {
      texts.add(policy("p" + texts.size(), "prod", spec));
    }
    return compiler(texts.toArray(new String[0])).requests();
  }

  /**
   * @param request {@code name=value} each: path, method, host, id, peer, remote, local, port, sni,
   *     token, aud, azp, {@code claim:NAME}, {@code header:NAME}; {@code came:NAME} stays here,
   *     {@code set:NAME} goes on and did not come
   */
  static Verdict asked(Authorization authorization, String request) {
    Asked asked = new Asked(request);
    return authorization.decide(asked.head(), asked.sent, asked.caller(), asked.port());
  }

  /** What is said of a connection. */
  static Verdict connected(Authorization authorization, String connection) {
    Asked asked = new Asked(connection);
    return authorization.decide(asked.caller(), asked.port());
  }

  static Verdict explained(Authorization authorization, String request) {
    Asked asked = new Asked(request);
    return authorization.explain(asked.head(), asked.sent, asked.caller(), asked.port());
  }

  /** A request in words. */
  static final class Asked {

    private final Map<String, String> words = new HashMap<>();
    private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    private final MultiMap sent = MultiMap.caseInsensitiveMultiMap();
    private final Map<String, Object> claims = new HashMap<>();
    private final List<String> audiences = new ArrayList<>();

    Asked(String request) {
      for (String word : request.isEmpty() ? new String[0] : request.split(" ", -1)) {
        int equals = word.indexOf('=');
        String name = word.substring(0, equals);
        String value = word.substring(equals + 1).replace('~', ' ');
        if (name.startsWith("header:")) {
          headers.add(name.substring(7), value);
          sent.add(name.substring(7), value);
        } else if (name.startsWith("came:")) {
          headers.add(name.substring(5), value);
        } else if (name.startsWith("set:")) {
          sent.add(name.substring(4), value);
        } else if (name.startsWith("claim:")) {
          claims.put(
              name.substring(6), value.contains("|") ? List.of(value.split("\\|", -1)) : value);
        } else if (name.equals("aud")) {
          audiences.add(value);
        } else {
          words.put(name, value);
        }
      }
    }

    private String word(String name, String absent) {
      return words.getOrDefault(name, absent);
    }

    RequestHead head() {
      return new RequestHead(
          word("method", "GET"),
          "http",
          word("host", "search.test"),
          word("path", "/"),
          "",
          headers);
    }

    int port() {
      return Integer.parseInt(word("port", "8080"));
    }

    Token token() {
      return new Token(word("token", ""), audiences, word("azp", ""), claims);
    }

    Caller caller() {
      Optional<String> id = Optional.ofNullable(words.get("id"));
      String peer = word("peer", "10.0.0.1");
      Handshake handshake = new Handshake(Optional.ofNullable(words.get("sni")), Optional.empty());
      Caller caller =
          Caller.anonymous(peer, 1, 15006, id.isPresent())
              .at(word("remote", peer))
              .to(word("local", "10.0.0.9"))
              .met(handshake, Optional.empty())
              .bearing(token());
      return id.map(name -> caller.proved("spiffe://" + name, name.split("/", -1)[2]))
          .orElse(caller);
    }
  }
}
