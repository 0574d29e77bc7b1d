package dev.weft.cli.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A real mesh of separate processes on this machine: a control plane, a gateway, two versions of a
 * search service with two instances each behind sidecars, and a caller with its sidecar.
 */
final class DemoMesh implements AutoCloseable {

  private static final int INSTANCES = 4;
  private static final int PORTS = 20;
  private static final String NO_FILE = "/dev/null";
  private static final long START_SECONDS = 90;
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final Path home;
  private final Path work;
  private final List<DemoProcess> processes = new CopyOnWriteArrayList<>(); // Ctrl-C ends them
  private final Map<String, Integer> admin = new ConcurrentSkipListMap<>();
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final List<Integer> ports;
  private final DemoConfig config;
  private boolean closed; // guarded by this

  /**
   * @param home of the project, where the launcher is
   * @param work folder of this run
   */
  DemoMesh(Path home, Path work) throws IOException {
    this.home = home;
    this.work = work;
    this.ports = DemoPorts.free(PORTS);
    Files.createDirectories(work.resolve("logs"));
    this.config = new DemoConfig(work.resolve("config"), ports.subList(4, 4 + INSTANCES));
  }

  /** {@code v1} for the first two instances, {@code v2} for the others. */
  static String version(int instance) {
    return instance < INSTANCES / 2 ? "v1" : "v2";
  }

  DemoConfig config() {
    return config;
  }

  int gatewayPort() {
    return ports.get(1);
  }

  int callerPort() {
    return ports.get(2);
  }

  /** Where the control plane shows the whole mesh. */
  int controlAdmin() {
    return ports.get(18);
  }

  private int outboundPort() {
    return ports.get(3);
  }

  /** The inbound port of an instance's sidecar. */
  int inboundPort(int instance) {
    return ports.get(4 + instance);
  }

  private int applicationPort(int instance) {
    return ports.get(8 + instance);
  }

  /** Admin ports by the process's name. */
  Map<String, Integer> admin() {
    return Map.copyOf(admin);
  }

  Path logs() {
    return work.resolve("logs");
  }

  /**
   * Starts everything and waits until it is ready.
   *
   * @throws IOException with the last words of a process that does not start
   */
  void start() throws IOException, InterruptedException {
    List<String> tokens = tokens();
    start(
        "control",
        "control",
        "--config",
        "dir:" + config.folder(),
        "--listen",
        "127.0.0.1:" + ports.get(0),
        "--ca-dir",
        work.resolve("ca").toString(),
        "--admin",
        "127.0.0.1:" + controlAdmin());
    for (int i = 0; i < INSTANCES; i++) {
      application("search-" + name(i), "search", applicationPort(i), version(i));
      sidecar(
          name(i),
          12 + i,
          token(tokens.get(2 + i), name(i)),
          "default/search",
          "app=search,version=" + version(i),
          "--inbound",
          "127.0.0.1:" + inboundPort(i) + "=127.0.0.1:" + applicationPort(i));
    }
    application(
        "caller-app", "caller", callerPort(), Integer.toString(outboundPort()), DemoConfig.HOST);
    sidecar(
        "caller",
        16,
        token(tokens.get(1), "caller"),
        "default/caller",
        "app=caller,version=v1",
        "--outbound",
        "127.0.0.1:" + outboundPort());
    proxy(
        "gateway",
        "gateway",
        17,
        token(tokens.get(0), "gateway"),
        "default/gateway",
        "app=gateway,version=v1",
        "--listen",
        "127.0.0.1:" + gatewayPort());
    ready();
  }

  private static String name(int instance) {
    return version(instance) + (instance % 2 == 0 ? "-a" : "-b");
  }

  private List<String> tokens() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(home.resolve("weft").toString(), "token"));
    command.addAll(List.of("--ca-dir", work.resolve("ca").toString()));
    List<String> accounts = new ArrayList<>(List.of("default/gateway", "default/caller"));
    for (int i = 0; i < INSTANCES; i++) {
      accounts.add("default/search");
    }
    accounts.forEach(account -> command.addAll(List.of("--service-account", account)));
    Path printed = secret("tokens");
    DemoProcess process = begin("token", command, Optional.of(printed));
    if (!process.succeeded(Duration.ofSeconds(START_SECONDS))) {
      throw new IOException("weft token failed: " + process.lastWords());
    }
    processes.remove(process);
    List<String> tokens = Files.readAllLines(printed);
    Files.delete(printed);
    return tokens;
  }

  private Path token(String token, String name) throws IOException {
    return Files.writeString(secret("token-" + name), token);
  }

  /** An empty file that nobody else may read. */
  private Path secret(String name) throws IOException {
    return Files.createFile(
        work.resolve(name),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private void sidecar(
      String name, int port, Path token, String account, String labels, String... more)
      throws IOException {
    proxy("sidecar", name, port, token, account, labels, more);
  }

  @SuppressWarnings("checkstyle:parameternumber") // one command line, word for word
  private void proxy(
      String kind, String name, int port, Path token, String account, String labels, String... more)
      throws IOException {
    String control = "control:127.0.0.1:" + ports.get(0);
    List<String> arguments = new ArrayList<>(List.of("--config", control, "--identity", control));
    arguments.addAll(List.of("--token-file", token.toString(), "--service-account", account));
    arguments.addAll(List.of("--labels", labels, "--threads", "1"));
    arguments.addAll(List.of("--admin", "127.0.0.1:" + ports.get(port)));
    arguments.addAll(List.of("--control-admin", "127.0.0.1:0"));
    arguments.addAll(List.of("--access-log", NO_FILE)); // read by nobody, kept for weft why
    arguments.addAll(List.of("--state-dir", work.resolve("state-" + name).toString()));
    arguments.addAll(List.of(more));
    admin.put(name, ports.get(port));
    start(name, kind, arguments.toArray(new String[0]));
  }

  private void start(String name, String command, String... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of(home.resolve("weft").toString(), command));
    line.addAll(List.of(arguments));
    begin(name, line, Optional.empty());
  }

  /** Starts a process, unless the demo is being ended: then none may be left behind. */
  private synchronized DemoProcess begin(String name, List<String> line, Optional<Path> output)
      throws IOException {
    if (closed) {
      throw new IOException("the demo ends");
    }
    DemoProcess process = DemoProcess.start(name, logs(), line, output);
    processes.add(process);
    return process;
  }

  private void application(String name, String kind, int port, String... more) throws IOException {
    String java = Optional.ofNullable(System.getenv("WEFT_JAVA")).orElse("java");
    String jar = home.resolve("cli/target/weft-cli.jar").toString();
    List<String> line =
        new ArrayList<>(
            List.of(
                java,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx32m",
                "-cp",
                jar,
                DemoService.class.getName(),
                kind,
                Integer.toString(port)));
    line.addAll(List.of(more));
    begin(name, line, Optional.empty());
  }

  private void ready() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    for (Map.Entry<String, Integer> proxy : admin.entrySet()) {
      while (!get(proxy.getValue(), "/ready").contains("\"ready\":true")) {
        for (DemoProcess process : processes) {
          if (!process.alive()) {
            throw new IOException(process.name() + " did not start:\n" + process.lastWords());
          }
        }
        if (System.nanoTime() > deadline) {
          throw new IOException(
              proxy.getKey() + " is not ready after " + START_SECONDS + " s; see " + logs());
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  /** What a proxy's admin API says; empty where it does not answer. */
  String get(int port, String path) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(PATIENCE)
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "";
    }
  }

  /** Kills an instance and its sidecar without warning. */
  void kill(int instance) {
    for (DemoProcess process : processes) {
      if (process.name().equals(name(instance))
          || process.name().equals("search-" + name(instance))) {
        process.kill();
      }
    }
  }

  /** Whether it was told to end. */
  synchronized boolean ended() {
    return closed;
  }

  int running() {
    return (int) processes.stream().filter(DemoProcess::alive).count();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    processes.forEach(DemoProcess::terminate);
    processes.forEach(DemoProcess::await);
  }
}
