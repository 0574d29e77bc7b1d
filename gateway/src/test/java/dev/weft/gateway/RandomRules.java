package dev.weft.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random configurations and random requests that have much to do with each other: few paths, hosts,
 * users and parameters, so that rules overlap, shadow and miss each other by little. The same seed
 * gives the same ones.
 */
final class RandomRules {

  private static final String[] HOSTS = {"shop.test", "'*.shop.test'", "api.test", "'*'"};
  private static final String[] NAMES = {
    "shop.test", "SHOP.test", "a.shop.test", "b.a.shop.test", "api.test", "else.test"
  };
  private static final String[] WORDS = {"a", "b", "ab", "A", "new", "admin"};
  private static final String[] USERS = {"alpha", "beta", "alphabet", "gamma", ""};
  private static final String[] METHODS = {"GET", "POST", "PUT", "DELETE", "OPTIONS"};
  private static final String[] ODD = {
    "/a//b", "/a/../b", "/a/./b/", "/%61/b", "/a%2Fb", "/a;x=1/b", "/a/b%20c", "/b\\a", "/*"
  };

  private final Random random;

  RandomRules(long seed) {
    this.random = new Random(seed);
  }

  /**
   * A request as it is sent.
   *
   * @param headers names and values in turn
   */
  record Asked(String method, String host, String target, List<String> headers) {}

  private boolean one(int of) {
    return random.nextInt(of) == 0;
  }

  private String any(String... all) {
    return all[random.nextInt(all.length)];
  }

  private String path() {
    if (one(8)) {
      return any(ODD);
    }
    return IntStream.range(0, 1 + random.nextInt(3))
        .mapToObj(i -> "/" + any(WORDS))
        .collect(Collectors.joining());
  }

  Asked request(int port) {
    List<String> headers = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      headers.addAll(List.of("x-user", any(USERS)));
    }
    if (one(4)) {
      headers.addAll(List.of("x-skip", any("yes", "no")));
    }
    if (one(6)) {
      headers.addAll(List.of("cookie", "session=" + any(USERS)));
    }
    String query =
        one(2) ? "" : "?" + any("q", "p") + any("=", "", "=1", "=alpha", "=1&q=2", "=a%20b");
    String host = any(NAMES) + (one(4) ? ":" + port : "");
    return new Asked(any(METHODS), host, path() + query, headers);
  }

  /** VirtualServices, each of hosts of its own. */
  String services() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < HOSTS.length; i++) {
      if (one(5)) {
        continue; // nobody's
      }
      String rules =
          IntStream.range(0, 1 + random.nextInt(7))
              .mapToObj(n -> "  - " + rule(n))
              .collect(Collectors.joining("\n"));
      all.add(
          """
          apiVersion: networking.istio.io/v1
          kind: VirtualService
          metadata: {name: vs%d}
          spec:
            hosts: [%s]
            gateways: [%sedge]
            http:
          %s
          """
              .formatted(i, HOSTS[i], HOSTS[i].equals("'*'") ? "" : "mesh, ", rules));
    }
    return String.join("---\n", all);
  }

  private String rule(int number) {
    List<String> fields = new ArrayList<>();
    if (!one(6)) {
      String matches =
          IntStream.range(0, 1 + random.nextInt(2))
              .mapToObj(i -> match())
              .collect(Collectors.joining(", "));
      fields.add("match: [" + matches + "]");
    }
    switch (random.nextInt(8)) {
      case 0 -> fields.add(redirect());
      case 1 ->
          fields.add("directResponse: {status: %s}".formatted(any("200", "204", "404", "503")));
      default -> routed(fields, number);
    }
    return "{" + String.join(", ", fields) + "}";
  }

  private String redirect() {
    return any(
        "redirect: {uri: /moved, redirectCode: 308}",
        "redirect: {authority: moved.test, port: 8443}",
        "redirect: {scheme: https, redirectCode: 302}",
        "redirect: {derivePort: FROM_REQUEST_PORT}");
  }

  private String match() {
    List<String> all = new ArrayList<>();
    if (!one(3)) {
      String word = "/" + any(WORDS);
      all.add(
          "uri: "
              + any(
                  "{exact: " + word + "}",
                  "{prefix: " + word + "}",
                  "{prefix: " + word + "/}",
                  "{regex: '/(a|b)+(/.*)?'}",
                  "{regex: '" + word + "/[a-z]+'}"));
      if (one(4)) {
        all.add("ignoreUriCase: true");
      }
    }
    if (one(3)) {
      all.add("method: " + any("{exact: GET}", "{regex: 'P.*'}", "{prefix: DEL}"));
    }
    if (one(3)) {
      all.add("headers: {x-user: " + text() + "}");
    }
    if (one(6)) {
      all.add("headers: {cookie: {regex: '.*session=alpha'}}".replace("headers", skipping(all)));
    }
    if (one(5)) {
      all.add("queryParams: {" + any("q", "p") + ": " + text() + "}");
    }
    if (one(8)) {
      all.add(
          "authority: " + any("{prefix: shop}", "{exact: a.shop.test}", "{regex: '.*:[0-9]+'}"));
    }
    if (all.isEmpty()) {
      all.add("scheme: {exact: http}");
    }
    return "{" + String.join(", ", all) + "}";
  }

  /** The one of the two fields for headers that is not there yet. */
  private static String skipping(List<String> fields) {
    return fields.stream().anyMatch(field -> field.startsWith("headers"))
        ? "withoutHeaders"
        : "headers";
  }

  private String text() {
    return any(
        "{exact: alpha}", "{prefix: al}", "{regex: '(alpha|1).*'}", "{exact: ''}", "{exact: '1'}");
  }

  private void routed(List<String> fields, int number) {
    fields.add(
        switch (random.nextInt(4)) {
          case 0 -> "route: [%s]".formatted(destination(any("v1", "v2", "v3"), ""));
          case 1 -> "route: [{destination: {host: other.test}}]";
          default ->
              "route: [%s, %s, %s]"
                  .formatted(
                      destination("v1", ", weight: " + random.nextInt(50)),
                      destination("v2", ", weight: " + (1 + random.nextInt(50))),
                      destination("v3", ", weight: " + any("0", "100")));
        });
    if (one(3)) {
      fields.add(
          "rewrite: "
              + any(
                  "{uri: /rewritten}",
                  "{uri: /}",
                  "{authority: written.test}",
                  "{uriRegexRewrite: {match: '^/([a-z]+)/([a-z]+)', rewrite: '/\\2/\\1'}}"));
    }
    if (one(4)) {
      fields.add("headers: {request: {set: {x-rule: '%d'}, remove: [x-skip]}}".formatted(number));
    }
    if (one(4)) {
      fields.add(
          "mirror: {host: other.test}, mirrorPercentage: {value: %s}".formatted(any("100", "30")));
    }
    if (one(5)) {
      fields.add(
          "fault: {"
              + any(
                  "abort: {httpStatus: 418, percentage: {value: 50}}",
                  "abort: {httpStatus: 503, percentage: {value: 100}}",
                  "delay: {fixedDelay: 1ms, percentage: {value: 50}}",
                  "delay: {fixedDelay: 1ms, percentage: {value: 50}},"
                      + " abort: {httpStatus: 401, percentage: {value: 20}}")
              + "}");
    } else if (one(2)) {
      fields.add("timeout: 10s, retries: {attempts: %d}".formatted(random.nextInt(4)));
    }
  }

  private static String destination(String subset, String weight) {
    return "{destination: {host: backend.test, subset: %s}%s}".formatted(subset, weight);
  }

  /** Who may come in, and how some rules draw. */
  String policies() {
    List<String> all = new ArrayList<>();
    if (one(2)) {
      all.add(
          policy(
              "closed",
              "action: DENY, rules: [{to: [{operation: {paths: [%s], methods: [%s]}}]}]"
                  .formatted(any("/admin*", "/a/b", "'*/new'"), any("GET", "'*'", "DELETE"))));
    }
    if (one(3)) {
      all.add(
          policy(
              "open",
              "rules: [{to: [{operation: {hosts: ['%s']}}]},"
                      .formatted(any("shop.test", "*.test", "*"))
                  + " {when: [{key: 'request.headers[x-user]', values: [%s]}]}]"
                      .formatted(any("alpha", "'al*'", "'*'"))));
    }
    all.add(
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec:
          explain: {header: on}
          overload: {mode: off}
          path: {ambiguous: %s}
          routes:
          - {match: {host: backend.test}, sticky: %s}
        """
            .formatted(
                any("STRICT", "AS_WRITTEN"), any("{header: x-user}", "{cookie: {name: session}}")));
    return String.join("---\n", all);
  }

  private static String policy(String name, String spec) {
    return """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: istio-system}
        spec: {%s}
        """
        .formatted(name, spec);
  }
}
