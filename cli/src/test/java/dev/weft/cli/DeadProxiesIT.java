package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where one of the ports that a command was given does not answer, the others are told. */
@Timeout(240)
final class DeadProxiesIT {

  @TempDir private Path folder;

  private String dead;
  private LaunchedGateway gateway;

  @BeforeEach
  void start() throws Exception {
    dead = "127.0.0.1:" + FreePorts.next();
    gateway = LaunchedGateway.start(folder, LaunchedMesh.EXAMPLE.getParent());
    gateway.process().says("ready");
  }

  @AfterEach
  void end() {
    gateway.close();
  }

  private Run asked(String admin, String... line) throws Exception {
    List<String> all = new ArrayList<>(List.of(line));
    all.addAll(List.of("--admin", dead, "--admin", admin));
    try (Launched one = Launched.weft(folder, Map.of(), all.toArray(String[]::new))) {
      return one.ended(60);
    }
  }

  private Run run(String... line) throws Exception {
    return asked(gateway.adminAddress(), line);
  }

  /** That the answer is not all that was asked for. */
  private void partly(Run run, String what) {
    assertThat(run.output())
        .containsOnlyOnce("weft: no " + what + " answers on " + dead + " (--admin ADDR:PORT asks");
    assertThat(run.code()).as(run.output()).isEqualTo(1);
  }

  private static JsonObject json(Run run) {
    return new JsonObject(run.output().substring(run.output().indexOf('{')));
  }

  @Test
  void edgesRoutesAndTopTellTheOthers() throws Exception {
    RawHttp.exchange(
        gateway.port, "GET / HTTP/1.1\r\nhost: hello.test\r\nconnection: close\r\n\r\n");

    Run edges = run("edges");
    Run manyEdges = run("edges", "--output", "json");
    Run routes = run("routes");
    Run manyRoutes = run("routes", "--output", "json");
    Run top = run("top", "--count", "2", "--every", "200ms");
    Run manyTops = run("top", "--once", "--every", "200ms", "--output", "json");

    for (Run each : List.of(edges, manyEdges, routes, manyRoutes, top, manyTops)) {
      partly(each, "proxy");
    }
    assertThat(edges.output()).contains("FROM", "hello-service");
    assertThat(json(manyEdges).getJsonArray("edges")).hasSize(1);
    assertThat(routes.output()).contains("default/hello#0");
    assertThat(json(manyRoutes).getJsonArray("routes")).isNotEmpty();
    assertThat(top.output()).contains("no requests since the last look");
    assertThat(json(manyTops).containsKey("routes")).isTrue();
  }

  @Test
  void nobodyAtAllIsTheWholeAnswer() throws Exception {
    gateway.close();
    gateway.process().ended(30);

    Run nobody = run("edges");

    assertThat(nobody.output()).startsWith("weft: no proxy answers on " + dead);
    assertThat(nobody.output()).contains("; no proxy answers on " + gateway.adminAddress());
    assertThat(nobody.code()).isEqualTo(1);
  }

  @Test
  void statusTellsWhatTheOtherReplicasKnow() throws Exception {
    try (LaunchedMesh mesh = new LaunchedMesh(folder)) {
      mesh.proxy("sidecar", "quick", "--outbound", "127.0.0.1:0");

      Run status = asked("127.0.0.1:" + mesh.admin, "status");
      Run json = asked("127.0.0.1:" + mesh.admin, "status", "--output", "json");

      partly(status, "control plane");
      partly(json, "control plane");
      assertThat(status.output()).contains("sa/quick");
      assertThat(json(json).getJsonArray("replicas")).hasSize(1);
    }
  }
}
