package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.FreePorts;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  private static final Path EXAMPLE = Launched.HOME.resolve("config/examples/first-canary");

  @TempDir private Path folder;

  private int listen;
  private int admin;
  private final List<Launched> started = new ArrayList<>();

  @BeforeEach
  void ports() throws IOException {
    listen = FreePorts.next();
    admin = FreePorts.next();
  }

  @AfterEach
  void end() {
    started.forEach(Launched::close);
  }

  @Test
  void everyProxyIsToldWithItsVersionItsCertificateAndWhoLeft() throws Exception {
    Path mesh = Files.createDirectory(folder.resolve("mesh"));
    String text = Files.readString(EXAMPLE.resolve("hello.yaml"));
    Files.writeString(mesh.resolve("hello.yaml"), text);
    start(
        "control",
        "--config",
        "dir:" + mesh,
        "--listen",
        "127.0.0.1:" + listen,
        "--ca-dir",
        ca(),
        "--admin",
        "127.0.0.1:" + admin);
    Launched quick = proxy("gateway", "quick", "--listen", "127.0.0.1:0");
    Launched stopped = proxy("sidecar", "stopped", "--outbound", "127.0.0.1:0");
    Launched leaving = proxy("sidecar", "leaving", "--outbound", "127.0.0.1:0");
    for (Launched one : List.of(quick, stopped, leaving)) {
      one.says("ready");
    }
    Run all = until(run -> run.output().split("in sync", -1).length == 4);

    stop(stopped, "-STOP");
    leaving.terminate();
    leaving.ended(30);
    Files.writeString(mesh.resolve("hello.yaml"), text.replace("weight: 95", "weight: 90"));
    Run two = until(run -> run.output().contains("not yet") && run.output().contains("left "));
    JsonObject json = new JsonObject(status("--output", "json").output());
    stop(stopped, "-CONT");
    Run again = until(run -> run.output().split("in sync", -1).length == 3);

    assertThat(all.code()).isZero();
    assertThat(two.code()).isEqualTo(1);
    assertThat(line(two, "sa/quick")).contains(" gateway ", " 2 ", " yes ", "in sync");
    assertThat(line(two, "sa/quick")).containsPattern("23h 5\\dm left");
    assertThat(line(two, "sa/stopped")).contains(" sidecar ", " 1 ", " no: 2 ", "not yet");
    assertThat(line(two, "sa/leaving")).contains(" sidecar ", " 1 ", "left ", " ago");
    JsonObject replica = json.getJsonArray("replicas").getJsonObject(0);
    assertThat(replica.getLong("version")).isEqualTo(2);
    assertThat(replica.getJsonArray("proxies").size()).isEqualTo(2);
    assertThat(replica.getJsonArray("away").getJsonObject(0).getString("account"))
        .isEqualTo("leaving");
    assertThat(again.code()).isZero();
    assertThat(line(again, "sa/leaving")).contains("left ");
  }

  private String ca() {
    return folder.resolve("ca").toString();
  }

  private Launched start(String... arguments) throws IOException {
    Launched one = Launched.weft(folder, Map.of(), arguments);
    started.add(one);
    return one;
  }

  private Launched proxy(String kind, String account, String... more) throws Exception {
    Path token = folder.resolve("token-" + account);
    try (Launched asked =
        Launched.weft(
            folder, Map.of(), "token", "--ca-dir", ca(), "--service-account", "prod/" + account)) {
      Files.writeString(token, asked.ended(60).output());
    }
    String control = "control:127.0.0.1:" + listen;
    List<String> line = new ArrayList<>(List.of(kind, "--config", control, "--identity", control));
    line.addAll(List.of("--token-file", token.toString(), "--service-account", "prod/" + account));
    line.addAll(List.of("--admin", "127.0.0.1:0", "--threads", "1", "--access-log", "off"));
    line.addAll(List.of("--warm-up", "0", "--drain-wait", "0"));
    line.addAll(List.of(more));
    return start(line.toArray(new String[0]));
  }

  private Run status(String... more) throws Exception {
    List<String> line = new ArrayList<>(List.of("status", "--admin", Integer.toString(admin)));
    line.addAll(List.of(more));
    try (Launched asked = Launched.weft(folder, Map.of(), line.toArray(new String[0]))) {
      return asked.ended(60);
    }
  }

  private Run until(Predicate<Run> seen) throws Exception {
    Run last = status();
    for (int i = 0; i < 40 && !seen.test(last); i++) {
      last = status();
    }
    assertThat(last).matches(seen);
    return last;
  }

  private static String line(Run run, String part) {
    return run.output().lines().filter(one -> one.contains(part)).findFirst().orElse(run.output());
  }

  /** Signals the proxy itself, which the launcher became or started. */
  private static void stop(Launched one, String signal) throws Exception {
    List<String> line = new ArrayList<>(List.of("kill", signal, Long.toString(one.pid())));
    one.descendants().forEach(each -> line.add(Long.toString(each.pid())));
    Process kill = new ProcessBuilder(line).inheritIO().start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }
}
