package dev.weft.sidecar;

import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.net.PodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;

/** Two pods at one cable. */
final class InterceptedPair implements AutoCloseable {

  private final Path folder;
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
    TestCertificates mesh = new TestCertificates(Instant.now());
    mesh.good("spiffe://cluster.local/ns/default/sa/caller").write(folder.resolve("caller"));
    mesh.good("spiffe://cluster.local/ns/default/sa/shop").write(folder.resolve("shop"));
    String source = config(config);
    other.install(left);
    String shop = "dir:" + folder.resolve("shop");
    other.sidecar("--config", source, "--identity", shop, "--service-account", "default/shop");
    own.install();
    String caller = "dir:" + folder.resolve("caller");
    own.sidecar("--config", source, "--identity", caller, "--service-account", "default/caller");
  }

  @Override
  public void close() {
    own.close();
    other.close();
    network.close();
  }
}
