package dev.weft.gateway;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real authority for tests: Let's Encrypt's Pebble, on loopback, as a process. */
final class Pebble implements AutoCloseable {

  private static final int ROUNDS = 600;

  private final Path folder;
  private final int port;
  private final LoopbackNames names;
  private final Process process;

  /**
   * @param tlsPort where it asks for proofs
   * @param validity of what it issues
   */
  static Pebble start(Path folder, int tlsPort, Duration validity)
      throws IOException, InterruptedException {
    int port = FreePorts.next();
    Leaf own = new TestCertificates(Instant.now()).ofAddress("127.0.0.1");
    own.write(folder);
    Path config =
        Files.writeString(
            folder.resolve("pebble.json"),
            """
            {"pebble": {
              "listenAddress": "127.0.0.1:%1$d",
              "certificate": "%2$s/tls.crt",
              "privateKey": "%2$s/tls.key",
              "httpPort": 1,
              "tlsPort": %3$d,
              "keyAlgorithm": "ecdsa",
              "domainBlocklist": ["blocked.test"],
              "retryAfter": {"authz": 1, "order": 1},
              "profiles": {"default": {"description": "short", "validityPeriod": %4$d}}}}
            """
                .formatted(port, folder, tlsPort, validity.toSeconds()));
    LoopbackNames names = LoopbackNames.start();
    ProcessBuilder builder =
        new ProcessBuilder(
                program().orElseThrow().toString(),
                "-strict",
                "-dnsserver",
                "127.0.0.1:" + names.port(),
                "-config",
                config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("pebble.log").toFile());
    builder.environment().put("PEBBLE_VA_NOSLEEP", "1");
    Pebble pebble = new Pebble(folder, port, names, builder.start());
    pebble.awaited();
    return pebble;
  }

  private Pebble(Path folder, int port, LoopbackNames names, Process process) {
    this.folder = folder;
    this.port = port;
    this.names = names;
    this.process = process;
  }

  /** Where {@code testkit/pebble/build.sh} leaves it; empty where it was not built. */
  static Optional<Path> program() {
    String cache = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    Path home =
        cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
    String set = System.getenv().getOrDefault("WEFT_PEBBLE_HOME", "");
    Path all = set.isEmpty() ? home.resolve("weft-pebble") : Path.of(set);
    if (!Files.isDirectory(all)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(all)) {
      return versions
          .map(version -> version.resolve("pebble"))
          .filter(Files::isExecutable)
          .max(Path::compareTo);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void awaited() throws IOException, InterruptedException {
    for (int i = 0; i < ROUNDS; i++) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException notYet) {
        if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
          break;
        }
      }
    }
    close();
    throw new IOException("Pebble did not start: " + log());
  }

  String directory() {
    return "https://127.0.0.1:" + port + "/dir";
  }

  /** Of the one that signed its own certificate. */
  Path authorities() {
    return folder.resolve("ca.crt");
  }

  List<String> log() throws IOException {
    return Files.readAllLines(folder.resolve("pebble.log"));
  }

  @Override
  public void close() {
    process.destroyForcibly();
    names.close();
  }
}
