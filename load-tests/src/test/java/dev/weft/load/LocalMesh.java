package dev.weft.load;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A gateway, and one sidecar before four applications (two of each version) in this process, mTLS
 * between the two. Both are what {@code ./weft} starts; they end with this process, by their pids.
 */
final class LocalMesh implements Mesh {

  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration TRY_AGAIN = Duration.ofMillis(20);
  private static final int TRY_MILLIS = 2000;
  private static final String OK = "HTTP/1.1 200";
  private static final String ACCOUNT = "spiffe://cluster.local/ns/default/sa/";

  private final Path folder;
  private final List<Application> applications =
      List.of(
          new Application("v1", "v1-a"),
          new Application("v1", "v1-b"),
          new Application("v2", "v2-a"),
          new Application("v2", "v2-b"));
  private final List<Process> processes = Collections.synchronizedList(new ArrayList<>());
  private final List<Integer> ports; // the sidecar's, one for each application, then the gateway's

  private LocalMesh(Path folder, List<Integer> ports) throws IOException {
    this.folder = folder;
    this.ports = List.copyOf(ports);
    TestCertificates certificates = new TestCertificates(Instant.now());
    certificates.good(ACCOUNT + "search").write(folder.resolve("search"));
    certificates.good(ACCOUNT + "gateway").write(folder.resolve("gateway"));
    Files.createDirectories(folder.resolve("mesh"));
    Files.writeString(folder.resolve("mesh/service.yaml"), service());
    Files.createDirectories(folder.resolve("none"));
    write(95, 5);
  }

  static LocalMesh start() {
    try {
      LocalMesh mesh = new LocalMesh(Files.createTempDirectory("weft-load-"), freePorts(5));
      Runtime.getRuntime().addShutdownHook(new Thread(mesh::close));
      mesh.launch();
      return mesh;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String url() {
    return "http://127.0.0.1:" + port();
  }

  private int port() {
    return ports.get(applications.size());
  }

  @Override
  public void weights(int first, int second) {
    try {
      write(first, second);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void fail() {
    applications.get(0).stop();
  }

  @Override
  public void restore() {
    applications.get(0).start();
  }

  @Override
  public void close() {
    processes.forEach(Process::destroy);
    for (Process process : processes) {
      try {
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
    applications.forEach(Application::close);
    delete();
  }

  /** Its keys with it. What cannot be deleted stays in the temporary folder. */
  private void delete() {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      // it was deleted before: this runs at the end of a simulation and of the process
    }
  }

  private void launch() throws IOException {
    List<String> inbound = new ArrayList<>();
    for (int i = 0; i < applications.size(); i++) {
      inbound.add("--inbound");
      inbound.add("127.0.0.1:%d=127.0.0.1:%d".formatted(ports.get(i), applications.get(i).port()));
    }
    weft("sidecar", "search", "none", inbound);
    weft("gateway", "gateway", "mesh", List.of("--listen", "127.0.0.1:" + port()));
    awaitAnswer();
  }

  private void weft(String role, String account, String config, List<String> more)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Asked.home().resolve("weft").toString(),
                role,
                "--config",
                "dir:" + folder.resolve(config),
                "--identity",
                "dir:" + folder.resolve(account),
                "--service-account",
                "default/" + account,
                "--admin",
                "127.0.0.1:0",
                "--access-log",
                "off",
                "--profile",
                "small"));
    command.addAll(more);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("WEFT_BUILD", "never");
    builder.environment().put("WEFT_DRAIN_WAIT", "0");
    builder.redirectErrorStream(true).redirectOutput(folder.resolve(role + ".log").toFile());
    processes.add(builder.start());
  }

  private void awaitAnswer() {
    Instant until = Instant.now().plus(START);
    while (Instant.now().isBefore(until) && processes.stream().allMatch(Process::isAlive)) {
      if (answers()) {
        return;
      }
      LockSupport.parkNanos(TRY_AGAIN.toNanos());
    }
    throw new IllegalStateException("the mesh did not start:\n" + logs());
  }

  private String logs() {
    return Stream.of("gateway", "sidecar")
        .map(
            role -> {
              try {
                return Files.readString(folder.resolve(role + ".log"));
              } catch (IOException e) {
                return role + ": " + e.getMessage();
              }
            })
        .collect(Collectors.joining("\n"));
  }

  /** Asked by hand: the JDK's clients do not let a request name another host. */
  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout(TRY_MILLIS);
      String request = "GET /bytes/1 HTTP/1.1\r\nhost: " + HOST + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] line = socket.getInputStream().readNBytes(OK.length());
      return new String(line, StandardCharsets.US_ASCII).equals(OK);
    } catch (IOException e) {
      return false;
    }
  }

  private void write(int first, int second) throws IOException {
    Path file = folder.resolve("mesh/routes.yaml");
    Path fresh = folder.resolve("mesh/.routes");
    Files.writeString(
        fresh,
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: search}
        spec:
          hosts: [%s]
          http:
          - timeout: 5s
            retries: {attempts: 2, retryOn: "connect-failure,refused-stream,reset,unavailable,503"}
            headers: {response: {set: {%s: "%d/%d"}}}
            route:
            - {destination: {host: search-service, subset: v1}, weight: %d}
            - {destination: {host: search-service, subset: v2}, weight: %d}
        """
            .formatted(HOST, WEIGHTS, first, second, first, second));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private String service() {
    StringBuilder endpoints = new StringBuilder();
    for (int i = 0; i < applications.size(); i++) {
      endpoints.append(
          "  - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v%d}, serviceAccount: search}\n"
              .formatted(ports.get(i), i / 2 + 1));
    }
    return """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: search}
        spec:
          host: search-service
          trafficPolicy:
            outlierDetection: {consecutive5xxErrors: 5, interval: 1s, baseEjectionTime: 1s}
          subsets:
          - {name: v1, labels: {version: v1}}
          - {name: v2, labels: {version: v2}}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: search}
        spec:
          hosts: [search-service]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints:
        """
        + endpoints;
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ports.add(FreePorts.next());
    }
    return ports;
  }
}
