package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import dev.weft.testkit.Tools;
import dev.weft.testkit.browser.Browser;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.HostAndPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** A canary in a ConfigMap: a running gateway follows what kubectl edits. */
@Timeout(240)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class ConfigMapCanaryIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private int admin;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @Test
  void anEditOfTwoWeightsShiftsTheTraffic() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (KubeApiServer kube = KubeApiServer.start()) {
      int first = backend(vertx, "v1");
      int second = backend(vertx, "v2");
      kube.kubectl("create", "namespace", "prod");
      apply(kube, rules(first, second, 100, 0));
      int port = FreePorts.next();
      admin = FreePorts.next();
      Process gateway = gateway(kube, port);
      try {
        eventually(vertx, port, "v1");
        apply(kube, rules(first, second, 0, 100));
        eventually(vertx, port, "v2");
        apply(kube, rules(first, second, 100, -5));
        told(vertx, "canary.yaml:9:", "weight -5");
        shown("configmap:prod/routes#canary.yaml", "weight: -5}");
        eventually(vertx, port, "v2");
        apply(kube, rules(first, second, 100, 0));
        eventually(vertx, port, "v1");
        rolledBack(vertx, kube, port);
        shifted(vertx, kube, port);
      } finally {
        gateway.destroy();
        assertThat(gateway.waitFor(40, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  /** In a browser: the line of the ConfigMap's key, marked, with its problem. */
  private void shown(String key, String line) throws Exception {
    if (!Browser.possible()) {
      return;
    }
    try (Browser browser = new Browser()) {
      Page page = browser.open(admin, "#/config", Browser.WIDE, ColorScheme.LIGHT);
      Locator problem = page.locator(".problems li.bad").first();
      PlaywrightAssertions.assertThat(problem).containsText(key + ":9:");
      PlaywrightAssertions.assertThat(problem.locator(".line.here")).containsText(line);
      assertThat(browser.violations(page)).isEqualTo(List.of());
      browser.picture(page, "configmap-problem");
      assertThat(browser.troubles()).isEmpty();
    }
  }

  private String posted(Vertx vertx, String path) throws Exception {
    return vertx
        .createHttpClient()
        .request(HttpMethod.POST, admin, "127.0.0.1", path)
        .compose(request -> Requests.sent(request.putHeader("x-weft-admin", "1")))
        .compose(HttpClientResponse::body)
        .map(Buffer::toString)
        .toCompletionStage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  /** By the pages: only the numbers of the ConfigMap are others then. */
  private void shifted(Vertx vertx, KubeApiServer kube, int port) throws Exception {
    String done = posted(vertx, "/config/weights?rule=prod/canary%230&from=0,100&to=100,0");

    assertThat(done).contains("\"source\":\"configmap:prod/routes\"", "\"written\":true");
    eventually(vertx, port, "v1");
    assertThat(kube.kubectl("get", "configmap", "routes", "-n", "prod", "-o", "yaml"))
        .contains("subset: v1}, weight: 100}", "subset: v2}, weight: 0}");
  }

  /** To the weights before those that serve: in the ConfigMap, too. */
  private void rolledBack(Vertx vertx, KubeApiServer kube, int port) throws Exception {
    String done = posted(vertx, "/config/rollback");

    assertThat(done).contains("\"written\":true");
    eventually(vertx, port, "v2");
    assertThat(kube.kubectl("get", "configmap", "routes", "-n", "prod", "-o", "yaml"))
        .contains("subset: v1}, weight: 0}");
  }

  private static int backend(Vertx vertx, String version) throws Exception {
    HttpServer server =
        vertx.createHttpServer().requestHandler(request -> request.response().end(version));
    return server
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS)
        .actualPort();
  }

  private void apply(KubeApiServer kube, String rules) throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: routes, namespace: prod}
            data:
              canary.yaml: |
            """);
    rules.lines().forEach(line -> text.append("    ").append(line).append('\n'));
    Path file = Files.writeString(folder.resolve("configmap.yaml"), text);
    kube.kubectl("apply", "-f", file.toString());
  }

  private static String rules(int first, int second, int v1, int v2) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: canary}
    spec:
      hosts: [canary.test]
      http:
      - route:
        - {destination: {host: backend.test, subset: v1}, weight: %d}
        - {destination: {host: backend.test, subset: v2}, weight: %d}
    ---
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: backend}
    spec:
      hosts: [backend.test]
      resolution: STATIC
      ports: [{number: 80, name: http, protocol: HTTP}]
      endpoints:
      - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v1}}
      - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v2}}
    """
        .formatted(v1, v2, first, second);
  }

  private Process gateway(KubeApiServer kube, int port) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                java,
                "-jar",
                Path.of("target", "weft-gateway.jar").toAbsolutePath().toString(),
                "--config",
                "configmap:prod/routes",
                "--service-account",
                "prod/gateway",
                "--listen",
                Integer.toString(port),
                "--admin",
                "127.0.0.1:" + admin,
                "--access-log",
                "off"));
    builder.environment().put("KUBECONFIG", kube.kubeconfig().toString());
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("gateway.log").toFile());
    return builder.start();
  }

  /** Until the gateway logs a line with all of these. */
  private void told(Vertx vertx, String... parts) throws Exception {
    boolean told = false;
    for (int i = 0; i < PATIENCE.toMillis() / 50 && !told; i++) {
      told =
          Files.readAllLines(folder.resolve("gateway.log")).stream()
              .anyMatch(line -> Stream.of(parts).allMatch(line::contains));
      vertx
          .timer(50, TimeUnit.MILLISECONDS)
          .toCompletionStage()
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
    }
    assertThat(told).as("what is wrong with the edit").isTrue();
  }

  private void eventually(Vertx vertx, int port, String wanted) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    HttpClient client = vertx.createHttpClient();
    String seen =
        asked(vertx, client, port, wanted, deadline)
            .toCompletionStage()
            .toCompletableFuture()
            .get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(seen).as(Files.readString(folder.resolve("gateway.log"))).isEqualTo(wanted);
  }

  /** Asks until the answer is the wanted one, or it is late; then what was told last. */
  private static Future<String> asked(
      Vertx vertx, HttpClient client, int port, String wanted, long deadline) {
    return text(client, port)
        .otherwise(failure -> String.valueOf(failure.getMessage()))
        .compose(
            seen ->
                seen.equals(wanted) || System.nanoTime() > deadline
                    ? Future.succeededFuture(seen)
                    : vertx
                        .timer(50, TimeUnit.MILLISECONDS)
                        .compose(later -> asked(vertx, client, port, wanted, deadline)));
  }

  private static Future<String> text(HttpClient client, int port) {
    return client
        .request(HttpMethod.GET, port, "127.0.0.1", "/")
        .compose(request -> Requests.sent(request.authority(HostAndPort.create("canary.test", -1))))
        .compose(HttpClientResponse::body)
        .map(Buffer::toString)
        .timeout(5, TimeUnit.SECONDS);
  }
}
