package dev.weft.cli;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A control plane and proxies as processes, with the first example as their configuration. */
final class LaunchedMesh implements AutoCloseable {

  static final Path EXAMPLE =
      Launched.HOME.resolve("config/examples/first-canary").resolve("hello.yaml");

  final int admin = FreePorts.next();
  private final int listen = FreePorts.next();
  private final Path folder;
  private final Path mesh;
  private final List<Launched> started = new ArrayList<>();

  /**
   * @param more flags of the control plane
   */
  LaunchedMesh(Path folder, String... more) throws IOException {
    this.folder = folder;
    this.mesh = Files.createDirectory(folder.resolve("mesh"));
    configure("hello.yaml", Files.readString(EXAMPLE));
    List<String> line =
        new ArrayList<>(List.of("control", "--config", "dir:" + mesh, "--ca-dir", ca()));
    line.addAll(List.of("--listen", "127.0.0.1:" + listen, "--admin", "127.0.0.1:" + admin));
    line.addAll(List.of(more));
    start(line);
  }

  /** A file of the configuration, there as a whole or not at all: an empty one is a version too. */
  void configure(String file, String text) throws IOException {
    ProcessFixture.write(mesh, file, text);
  }

  private String ca() {
    return folder.resolve("ca").toString();
  }

  private Launched start(List<String> line) throws IOException {
    Launched one = Launched.weft(folder, Map.of(), line.toArray(new String[0]));
    started.add(one);
    return one;
  }

  /** A proxy that the control plane can ask, of an account of {@code prod}, ready. */
  Launched proxy(String kind, String account, String... more) throws Exception {
    Path token = folder.resolve("token-" + account);
    Files.writeString(
        token,
        run("token", "--ca-dir", ca(), "--service-account", "prod/" + account).output().strip());
    String control = "control:127.0.0.1:" + listen;
    List<String> line = new ArrayList<>(List.of(kind, "--config", control, "--identity", control));
    line.addAll(List.of("--token-file", token.toString(), "--service-account", "prod/" + account));
    line.addAll(List.of("--admin", "127.0.0.1:0", "--control-admin", "127.0.0.1:0"));
    line.addAll(
        List.of("--threads", "1", "--access-log", folder.resolve(account + ".log").toString()));
    line.addAll(List.of("--warm-up", "0", "--drain-wait", "0"));
    line.addAll(List.of(more));
    Launched proxy = start(line);
    proxy.says("ready");
    return proxy;
  }

  /** A command that ends by itself. */
  Run run(String... line) throws Exception {
    try (Launched asked = Launched.weft(folder, Map.of(), line)) {
      return asked.ended(60);
    }
  }

  @Override
  public void close() {
    started.forEach(Launched::close);
  }
}
