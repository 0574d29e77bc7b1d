package dev.weft.routing.process.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.config.problem.Problem;
import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.explain.Explainer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Configurations to look at; each request that is told is asked of an explanation, too. */
final class LintFixture {

  private static final Pattern REQUEST =
      Pattern.compile(
          "e\\.g\\. (\\S+) (\\S+)((?: -H '[^']*')*)(?: --sni (\\S+))?( --gateway)?"
              + "(?: --from (\\w+)/\\w+)?(?: --labels (\\S+))?");
  private static final Pattern HEADER = Pattern.compile(" -H '([^:]+): ([^']*)'");

  private static final String SERVICE =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: b}
      spec:
        hosts: [b.test]
        ports: [{number: 80, name: http, protocol: HTTP}]
        resolution: STATIC
        endpoints: [{address: 127.0.0.1, labels: {version: v1}}, {address: 127.0.0.2, labels: {version: v2}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: b}
      spec:
        host: b.test
        subsets:
        - {name: v1, labels: {version: v1}}
        - {name: v2, labels: {version: v2}}
        - {name: v3, labels: {version: v3}}
        - {name: first, labels: {version: v1}}
      """;

  static String rules(String rules) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec:
          hosts: [a.test]
          http:
        """
        + rules
        + SERVICE;
  }

  static LoadResult loaded(String text) {
    return ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", text)));
  }

  static List<Problem> lint(String text) {
    LoadResult loaded = loaded(text);
    assertThat(loaded.accepted()).as("%s", loaded.problems()).isTrue();
    List<Problem> found = Lint.check(loaded);
    explained(loaded, found);
    return found;
  }

  /** Whatever request is told: an explanation sends it where the message says. */
  private static void explained(LoadResult loaded, List<Problem> found) {
    for (Problem problem : found) {
      Matcher request = REQUEST.matcher(problem.message());
      if (!request.find() || problem.message().contains(" --from-ip ")) {
        continue;
      }
      List<Map.Entry<String, String>> headers = new ArrayList<>();
      Matcher header = HEADER.matcher(request.group(3));
      while (header.find()) {
        headers.add(Map.entry(header.group(1), header.group(2)));
      }
      Question question =
          new Question(
              request.group(1), request.group(2), headers, Optional.ofNullable(request.group(4)));
      Explainer explainer = explainer(loaded, request.group(6), request.group(7));
      Optional<Explanation> told =
          request.group(5) == null
              ? Optional.of(explainer.inMesh(question))
              : explainer.atGateway(question);
      goes(problem.message().substring(request.end()), told);
    }
  }

  private static Explainer explainer(
      LoadResult loaded, @Nullable String namespace, @Nullable String labels) {
    Map<String, String> own = new HashMap<>();
    for (String label : labels == null ? new String[0] : labels.split(",", -1)) {
      own.put(label.substring(0, label.indexOf('=')), label.substring(label.indexOf('=') + 1));
    }
    Workload workload =
        new Workload(namespace == null ? "default" : namespace, "default", "cluster.local", own);
    return new Explainer(loaded.config(), workload, Map.of(), Unknown.ALLOW_ANY);
  }

  /** Whether it is as the message says. */
  private static void goes(String said, Optional<Explanation> told) {
    if (said.startsWith(" finds no ")) {
      assertThat(told).isEmpty();
      return;
    }
    String route = told.orElseThrow().json().getString("route");
    if (said.startsWith(" goes to ")) {
      assertThat(said).startsWith(" goes to " + route);
    }
    boolean handshake = said.startsWith(" is refused in its handshake");
    if (handshake || said.startsWith(" gets 404") || said.startsWith(" is reset")) {
      assertThat(route).isEqualTo("-");
    }
    String why = handshake ? "the handshake is refused" : route.equals("-") ? "no route" : route;
    assertThat(told.orElseThrow().text()).contains(why);
  }

  static List<String> messages(String text) {
    return lint(text).stream().map(one -> one.code() + " " + one.message()).toList();
  }

  private LintFixture() {}
}
