package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.FreePorts;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands that ask a control plane tell what all proxies know that listen to it. */
@Timeout(240)
final class MeshCommandsIT {

  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: shop, namespace: prod}
      spec:
        hosts: [localhost]
        http:
        - {name: broken, match: [{uri: {prefix: /bad}}], directResponse: {status: 503}}
        - {name: well, directResponse: {status: 204}}
      """;
  private static final Pattern ID = Pattern.compile(" id ([0-9a-f-]{36})");

  @TempDir private Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Integer> ports = new ArrayList<>();
  private LaunchedMesh mesh;

  @BeforeEach
  void start() throws Exception {
    mesh = new LaunchedMesh(folder);
    mesh.configure("shop.yaml", RULES);
    for (String account : List.of("east", "west")) {
      ports.add(FreePorts.next());
      mesh.proxy(
          "gateway",
          account,
          "--labels",
          "app=" + account,
          "--listen",
          "127.0.0.1:" + ports.get(ports.size() - 1));
    }
  }

  @AfterEach
  void end() {
    mesh.close();
  }

  private void ask(int proxy, String path) throws Exception {
    URI page = URI.create("http://localhost:" + ports.get(proxy) + path);
    client.send(HttpRequest.newBuilder(page).build(), BodyHandlers.discarding());
  }

  private Run run(String... line) throws Exception {
    List<String> all = new ArrayList<>(List.of(line));
    all.addAll(List.of("--admin", String.valueOf(mesh.admin)));
    return mesh.run(all.toArray(new String[0]));
  }

  private Run until(Predicate<Run> seen, String... line) throws Exception {
    Run last = run(line);
    for (int i = 0; i < 20 && !seen.test(last); i++) {
      last = run(line);
    }
    assertThat(last).matches(seen);
    return last;
  }

  private static boolean tells(Run run, String... words) {
    return Stream.of(words).allMatch(run.output()::contains);
  }

  @Test
  void whatOneProxyKnowsIsToldByTheControlPlanesPort() throws Exception {
    ask(0, "/bad/thing");
    ask(1, "/well");
    Run edges = until(run -> tells(run, "prod/east", "prod/west"), "edges");
    Run tap = run("tap", "--last", "20", "--count", "1", "--path", "/bad");
    Matcher id = ID.matcher(tap.output());

    assertThat(edges.output()).containsPattern("prod/east .* 1 +0.00%");
    assertThat(id.find()).as(tap.output()).isTrue();

    Run why = run("why", id.group(1));
    JsonObject json = new JsonObject(run("why", id.group(1), "--output", "json").output());
    Run nobody = run("why", "nobody-asked-this");

    assertThat(why.code()).isZero();
    assertThat(why.output())
        .startsWith("spiffe://cluster.local/ns/prod/sa/east (127.0.0.1:")
        .contains(
            "YES prod/shop#broken",
            "status 503",
            "cause: direct_response",
            "the same is decided again")
        .doesNotContain("sa/west");
    assertThat(json.getString("proxy")).startsWith("spiffe://cluster.local/ns/prod/sa/east ");
    assertThat(nobody.code()).isEqualTo(1);
    assertThat(nobody.output())
        .contains("sa/east", "sa/west", "no request nobody-asked-this among the last 1")
        .containsOnlyOnce("no request");
  }

  @Test
  void topAddsUpWhatAllOfThemServeAndAnExplanationIsOfOne() throws Exception {
    Thread asking = new Thread(this::steadily, "asking");
    asking.start();
    Run top;
    try {
      top = until(run -> tells(run, "shop#broken", "shop#well"), "top", "--once", "--every", "1s");
    } finally {
      asking.interrupt();
      asking.join();
    }
    Run east = run("explain", "--from", "prod/east", "GET", "http://localhost/bad");
    Run unknown = run("explain", "GET", "http://localhost/bad");
    Run gateway = run("explain", "--gateway", "GET", "http://localhost/bad");

    assertThat(top.output())
        .as("a request may end while it is counted")
        .containsPattern("prod/shop#broken +[0-9.]+ +[0-4][.][0-9]+%");
    assertThat(top.output()).containsPattern("prod/shop#well +[0-9.]+ +100.00%");
    assertThat(east.output()).contains("from prod/east", "YES prod/shop#broken");
    assertThat(gateway.code()).isZero();
    assertThat(gateway.output()).contains("from prod/east", "YES prod/shop#broken");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.output()).contains("--from default/default", "[prod/east, prod/west]");
  }

  /** The one gateway fails, the other one does not. */
  private void steadily() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        ask(0, "/bad");
        ask(1, "/well");
      }
    } catch (Exception over) {
      Thread.currentThread().interrupt(); // enough was asked
    }
  }
}
