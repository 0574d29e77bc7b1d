package dev.weft.sidecar;

import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.net.PodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.stream.Stream;

/** Two pods at one cable. */
final class InterceptedPair implements AutoCloseable {

  private final Path folder;
  private final TestCertificates mesh = new TestCertificates(Instant.now());
  private final PodNetwork network;
  private final InterceptedPod own;
  private final InterceptedPod other;

  /**
   * @param folder for configuration, and for what programs print
   */
  InterceptedPair(Path folder) throws IOException {
    this.folder = folder;
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    this.network = PodNetwork.open();
    this.own = new InterceptedPod(network.first(), folder);
    this.other = new InterceptedPod(network.second(), folder);
  }

  InterceptedPod own() {
    return own;
  }

  InterceptedPod other() {
    return other;
  }

  /** Writes a configuration, and says how a flag names it. */
  String config(String text) throws IOException {
    Path config = Files.createDirectory(folder.resolve("config"));
    Files.writeString(config.resolve("all.yaml"), text);
    return "dir:" + config;
  }

  /**
   * Both with a sidecar: {@code default/caller}, and {@code default/shop} at the other end.
   *
   * @param left what the rules of the other end leave alone
   */
  void meshed(String config, String... left) throws Exception {
    String source = config(config);
    other.install(left);
    other.sidecar(as("default/shop", "--config", source));
    own.install();
    own.sidecar(as("default/caller", "--config", source));
  }

  /** Flags of a workload with an identity of this mesh. */
  String[] as(String account, String... flags) throws IOException {
    String[] parts = account.split("/", -1);
    Path identity = folder.resolve(account.replace('/', '-'));
    mesh.good("spiffe://cluster.local/ns/" + parts[0] + "/sa/" + parts[1]).write(identity);
    Stream<String> own = Stream.of("--identity", "dir:" + identity, "--service-account", account);
    return Stream.concat(Stream.of(flags), own).toArray(String[]::new);
  }

  @Override
  public void close() {
    own.close();
    other.close();
    network.close();
  }
}
