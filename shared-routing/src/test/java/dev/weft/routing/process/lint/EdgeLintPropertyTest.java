package dev.weft.routing.process.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.LoadResult;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.config.problem.Problem;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.explain.Explainer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random gateways whose ports have servers of all kinds beside each other, and random rules: each
 * request that is told does what is said of it, by an explanation.
 */
final class EdgeLintPropertyTest {

  private static final long SEED = 20_261_129;
  private static final int SETS = 400;
  private static final int REQUESTS = 50;
  private static final List<Integer> PORTS = List.of(80, 443, 443, 8080);
  private static final List<String> HOSTS =
      List.of("a.test", "a.test", "b.test", "any.test", "*.test", "*");
  private static final List<String> PROTOCOLS =
      List.of(
          "HTTP}",
          "HTTP}",
          "HTTP}, tls: {httpsRedirect: true}",
          "HTTPS}, tls: {mode: SIMPLE, serverCertificate: a, privateKey: a}",
          "HTTPS}, tls: {mode: SIMPLE, serverCertificate: a, privateKey: a}",
          "HTTPS}, tls: {mode: SIMPLE, serverCertificate: b, privateKey: b}",
          "TLS}, tls: {mode: PASSTHROUGH}",
          "TLS}, tls: {mode: SIMPLE, serverCertificate: a, privateKey: a}");
  private static final List<String> AT =
      List.of("edge", "edge", "other", "edge, other", "mesh", "edge, mesh", "gone", "edge, gone");
  private static final List<String> MATCHES =
      List.of(
          "",
          "uri: {prefix: /}",
          "uri: {prefix: /a}",
          "uri: {exact: /a}",
          "uri: {prefix: /ab}, gateways: [edge]",
          "uri: {prefix: /a}, gateways: [other]",
          "uri: {prefix: /a}, gateways: [mesh]",
          "uri: {prefix: /a/b}, method: {exact: POST}",
          "uri: {prefix: /a}, scheme: {exact: https}",
          "uri: {prefix: /b}, port: 443",
          "authority: {exact: a.test}",
          "authority: {prefix: b.test}",
          "headers: {x: {exact: y}}",
          "uri: {prefix: /a}, sourceLabels: {app: web}",
          "uri: {prefix: /ab}, gateways: [gone]",
          "method: {exact: get}",
          "uri: {prefix: //a}, headers: {x: {}}, withoutHeaders: {x: {}}");
  private static final List<String> ACTIONS =
      List.of(
          "directResponse: {status: 200}",
          "directResponse: {status: 201}",
          "route: [{destination: {host: c.test}}]",
          "route: [{destination: {host: c.test, subset: v2}}]",
          "route: [{destination: {host: gone.test}}]",
          "route: [{destination: {host: c.test, port: {number: 9}}}]",
          "retries: {attempts: 3, perTryTimeout: 2s}\n    timeout: 1s\n"
              + "    route: [{destination: {host: c.test}}]",
          "mirror: {host: gone.test}\n    route: [{destination: {host: c.test}}]",
          "timeout: 1s\n    directResponse: {status: 202}",
          "redirect: {scheme: http}",
          "redirect: {authority: b.test}",
          "redirect: {uri: /a}",
          "redirect: {scheme: https}",
          "delegate: {name: inner}",
          "delegate: {name: gone}");
  private static final String SERVICE =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: c}
      spec:
        hosts: [c.test]
        ports: [{number: 80, name: http, protocol: HTTP}]
        resolution: STATIC
        endpoints: [{address: 127.0.0.1, labels: {version: v1}}]
      """;

  private final Random random = new Random(SEED);
  private String text = "";

  private <T> T one(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private String hosts() {
    String first = "\"" + one(HOSTS) + "\"";
    return random.nextInt(3) == 0 ? first + ", \"" + one(HOSTS) + "\"" : first;
  }

  private String gateway(String name, String selector) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: %s}
            spec:
              selector: {%s}
              servers:
            """
                .formatted(name, selector));
    int number = 1 + random.nextInt(4);
    for (int i = 0; i < number; i++) {
      text.append("  - {hosts: [").append(hosts());
      text.append("], port: {number: ").append(one(PORTS)).append(", name: s").append(i);
      text.append(", protocol: ").append(one(PROTOCOLS)).append("}\n");
    }
    return text + "---\n";
  }

  private String rules(String name, String head) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: %s}
            spec:
            %s  http:
            """
                .formatted(name, head));
    int number = 1 + random.nextInt(4);
    for (int i = 0; i < number; i++) {
      String match = one(MATCHES);
      String action = head.isEmpty() ? ACTIONS.get(random.nextInt(3)) : one(ACTIONS);
      text.append("  - ").append(match.isEmpty() ? "" : "match: [{" + match + "}]\n    ");
      text.append(action).append('\n');
    }
    return text + "---\n";
  }

  private String configuration() {
    StringBuilder text = new StringBuilder(gateway("edge", "app: edge"));
    if (random.nextBoolean()) {
      text.append(gateway("other", random.nextInt(3) == 0 ? "" : "app: edge"));
    }
    int number = 1 + random.nextInt(3);
    for (int i = 0; i < number; i++) {
      String head = "  hosts: [%s]\n  gateways: [%s]\n".formatted(hosts(), one(AT));
      text.append(rules("v" + i, head));
    }
    if (random.nextBoolean()) {
      text.append(rules("inner", ""));
    }
    return text + SERVICE;
  }

  /** Two servers that one port cannot have are no configuration. */
  private LoadResult accepted() {
    while (true) {
      text = configuration();
      LoadResult loaded = LintFixture.loaded(text);
      if (loaded.accepted()) {
        return loaded;
      }
    }
  }

  @Test
  void whateverRequestIsToldDoesWhatIsSaidOfIt() {
    int told = 0;
    int turned = 0;
    for (int set = 0; set < SETS; set++) {
      LoadResult loaded = accepted();
      for (Problem problem : Lint.check(loaded)) {
        told += Proofs.hold(loaded, problem) ? 1 : 0;
        turned += problem.message().contains(" gets 421, ") ? 1 : 0;
      }
    }
    assertThat(told).isGreaterThan(SETS);
    assertThat(turned).isPositive();
  }

  private Question request() {
    String host = one(List.of("a.test", "b.test", "any.test", "x.test", "other"));
    String path = one(List.of("/", "/a", "/ab", "/a/b", "/b"));
    String url = one(List.of("http", "https")) + "://" + host + ":" + one(PORTS) + path;
    return new Question(
        one(List.of("GET", "POST")),
        url,
        random.nextBoolean() ? List.of() : List.of(Map.entry("x", "y")));
  }

  private Set<String> reached(LoadResult loaded) {
    Workload workload = new Workload("default", "default", "cluster.local", Map.of("app", "edge"));
    Explainer explainer = new Explainer(loaded.config(), workload, Map.of(), Unknown.ALLOW_ANY);
    Set<String> reached = new HashSet<>();
    for (int i = 0; i < REQUESTS; i++) {
      Question question = request();
      explainer.atGateway(question).ifPresent(told -> reached.addAll(Proofs.taker(loaded, told)));
      reached.addAll(Proofs.taker(loaded, explainer.inMesh(question)));
    }
    return reached;
  }

  @Test
  void whoeverIsSaidToGetNoRequestGetsNoneAtAnyPort() {
    int unreached = 0;
    for (int set = 0; set < SETS; set++) {
      LoadResult loaded = accepted();
      List<Problem> found =
          Lint.check(loaded).stream()
              .filter(one -> List.of("WF122", "WF137").contains(one.code()))
              .toList();

      Set<String> reached = reached(loaded);

      assertThat(found)
          .as("%s%n%s", text, reached)
          .noneMatch(one -> reached.contains(one.place().toString()));
      unreached += found.size();
    }
    assertThat(unreached).isGreaterThan(SETS / 2);
  }
}
