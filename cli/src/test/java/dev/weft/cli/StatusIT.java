package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A control plane and proxies as processes: what {@code weft status} says of each. */
@Timeout(240)
final class StatusIT {

  @TempDir private Path folder;

  private LaunchedMesh mesh;

  @BeforeEach
  void start() throws IOException {
    mesh = new LaunchedMesh(folder);
  }

  @AfterEach
  void end() {
    mesh.close();
  }

  @Test
  void everyProxyIsToldWithItsVersionItsCertificateAndWhoLeft() throws Exception {
    String text = Files.readString(LaunchedMesh.EXAMPLE);
    mesh.proxy("gateway", "quick", "--listen", "127.0.0.1:0");
    Launched stopped = mesh.proxy("sidecar", "stopped", "--outbound", "127.0.0.1:0");
    Launched leaving = mesh.proxy("sidecar", "leaving", "--outbound", "127.0.0.1:0");
    Run all = until(run -> run.output().split("in sync", -1).length == 4);

    signal(stopped, "-STOP");
    leaving.terminate();
    leaving.ended(30);
    mesh.configure("hello.yaml", text.replace("weight: 95", "weight: 90"));
    Run two =
        until(
            run ->
                row(run, "sa/quick, gateway").contains("in sync")
                    && row(run, "sa/stopped, sidecar").contains("not yet")
                    && row(run, "sa/leaving, sidecar").contains(" ago"));
    JsonObject json = new JsonObject(status("--output", "json").output());
    signal(stopped, "-CONT");
    Run again = until(run -> run.output().split("in sync", -1).length == 3);

    assertThat(all.code()).isZero();
    assertThat(two.code()).isEqualTo(1);
    String version = "sa/quick, gateway, weft [0-9][^ ]*";
    assertThat(all.output()).containsPattern("spiffe://cluster.local/ns/prod/" + version);
    assertThat(all.output().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(row(two, "sa/quick, gateway")).contains(" 2 ", "in sync");
    assertThat(row(two, "sa/quick, gateway")).containsPattern("23h5\\dm left");
    assertThat(row(two, "sa/stopped, sidecar")).contains(" 1 ", "not yet 2");
    assertThat(row(two, "sa/leaving, sidecar")).contains(" 1 ", " left ", " ago");
    JsonObject replica = json.getJsonArray("replicas").getJsonObject(0);
    assertThat(replica.getLong("version")).isEqualTo(2);
    assertThat(replica.getJsonArray("proxies").size()).isEqualTo(2);
    assertThat(replica.getJsonArray("away").getJsonObject(0).getString("account"))
        .isEqualTo("leaving");
    assertThat(again.code()).isZero();
    assertThat(row(again, "sa/leaving")).contains(" left ", " ago");
  }

  private Run status(String... more) throws Exception {
    List<String> line = new ArrayList<>(List.of("status", "--admin", String.valueOf(mesh.admin)));
    line.addAll(List.of(more));
    return mesh.run(line.toArray(new String[0]));
  }

  private Run until(Predicate<Run> seen) throws Exception {
    Run last = status();
    for (int i = 0; i < 40 && !seen.test(last); i++) {
      last = status();
    }
    assertThat(last).matches(seen);
    return last;
  }

  /** Of the only proxy of an account, which stands below it. */
  private static String row(Run run, String part) {
    return run.output()
        .lines()
        .dropWhile(one -> !one.contains(part))
        .skip(1)
        .findFirst()
        .orElse(run.output());
  }

  /** Signals the proxy itself, which the launcher became or started. */
  static void signal(Launched one, String signal) throws Exception {
    List<String> line = new ArrayList<>(List.of("kill", signal, Long.toString(one.pid())));
    one.descendants().forEach(each -> line.add(Long.toString(each.pid())));
    Process kill = new ProcessBuilder(line).inheritIO().start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }
}
