package dev.weft.cli;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A gateway and two sidecars in a row, each a process of its own, mTLS between them: what the
 * gateway takes goes to the workload {@code front}, whose application is nothing but the way out
 * through its own sidecar again, to the workload {@code search} and its application.
 */
final class LaunchedHops implements AutoCloseable {

  /** The host that leads there. */
  static final String HOST = "app.test";

  private static final String ACCOUNT = "spiffe://cluster.local/ns/default/sa/";

  /** Where callers come. */
  final int port;

  /** Of the sidecars, where other proxies come. */
  final int front;

  final int search;

  private final Path folder;
  private final TestCertificates certificates = new TestCertificates(Instant.now());
  private final AdminApi frontAdmin = new AdminApi(FreePorts.next());
  private final AdminApi searchAdmin = new AdminApi(FreePorts.next());
  private final LaunchedGateway gateway;
  private final Launched first;
  private final Launched second;

  private LaunchedHops(Path folder, String protocol, int application, String rule)
      throws IOException {
    this.folder = folder;
    front = FreePorts.next();
    search = FreePorts.next();
    String out = "127.0.0.1:" + FreePorts.next();
    second = sidecar("search", searchAdmin, "", search, "127.0.0.1:" + application);
    first =
        sidecar(
            "front",
            frontAdmin,
            entry(protocol, search, "search") + rule,
            front,
            out,
            "--outbound",
            out);
    gateway =
        LaunchedGateway.start(
            folder,
            config("edge", entry(protocol, front, "front") + rule),
            "--threads",
            "1",
            "--identity",
            "dir:" + identity("edge"),
            "--service-account",
            "default/edge");
    port = gateway.port;
  }

  /**
   * Once all are ready.
   *
   * @param folder for configurations, keys, and what they print
   * @param protocol of the service's port
   * @param application its port
   * @param rule a further resource, for whoever calls; may be empty
   */
  static LaunchedHops start(Path folder, String protocol, int application, String rule)
      throws Exception {
    LaunchedHops hops = new LaunchedHops(folder, protocol, application, rule);
    try {
      hops.second.says("ready");
      hops.first.says("ready");
      hops.gateway.process().says("ready");
      return hops;
    } catch (AssertionError | Exception failed) {
      hops.close();
      throw failed;
    }
  }

  /** What each process has in memory: the gateway, the workload {@code front}, the other. */
  List<Long> residentKib() throws IOException {
    List<Long> all = new ArrayList<>();
    for (Launched one : List.of(gateway.process(), first, second)) {
      all.add(Footprint.outside(one.pid()).residentKib());
    }
    return all;
  }

  /** What each process tells of itself as metrics, in the same order. */
  List<String> metrics() throws IOException, InterruptedException {
    return List.of(
        gateway.admin("/metrics"), frontAdmin.get("/metrics"), searchAdmin.get("/metrics"));
  }

  private Launched sidecar(
      String name,
      AdminApi admin,
      String resources,
      int inbound,
      String application,
      String... flags)
      throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(
                "sidecar",
                "--config",
                "dir:" + config(name, resources),
                "--identity",
                "dir:" + identity(name),
                "--service-account",
                "default/" + name,
                "--threads",
                "1",
                "--access-log",
                "off",
                "--admin",
                admin.address(),
                "--inbound",
                "127.0.0.1:" + inbound + "=" + application));
    line.addAll(List.of(flags));
    return Launched.weft(folder, Map.of(), line.toArray(String[]::new));
  }

  private Path config(String name, String resources) throws IOException {
    Path config = Files.createDirectories(folder.resolve(name));
    Files.writeString(config.resolve("all.yaml"), resources);
    return config;
  }

  private Path identity(String name) throws IOException {
    Path identity = folder.resolve(name + "-identity");
    certificates.good(ACCOUNT + name).write(identity);
    return identity;
  }

  private static String entry(String protocol, int port, String account) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: app}
        spec:
          hosts: [app.test]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: port, protocol: %s}]
          endpoints: [{address: 127.0.0.1, ports: {port: %d}, serviceAccount: %s}]
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: app}
        spec: {hosts: [app.test], http: [{route: [{destination: {host: app.test}}]}]}
        ---
        """
        .formatted(protocol, port, account);
  }

  @Override
  public void close() {
    gateway.close();
    first.close();
    second.close();
  }
}
