package dev.weft.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Container images, as their user builds them; what stands for the runtime is chroot. */
@Timeout(600)
@EnabledIf(
    value = "canBuild",
    disabledReason = "needs root, a JDK 25 and the packages of build-tools/image.debs")
final class ImageIT {

  private static final long LARGEST = 90_000_000;
  private static final int START_SECONDS = 60;
  private static final String CONFIG =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: shop}
      spec: {mtls: {mode: STRICT}}
      """;

  @TempDir private Path folder;

  /** Debian's archive forgets versions, which is no fault of a build: it is skipped, not failed. */
  static boolean canBuild() throws Exception {
    if (!"root".equals(System.getProperty("user.name"))
        || !Tools.installed("unshare", "nsenter", "ip", "iptables", "curl")) {
      return false;
    }
    Path folder = Files.createTempDirectory("image");
    try (Launched packages = Launched.weft(folder, Map.of(), "image", "--packages");
        Launched version = Launched.weft(folder, Map.of(), "sidecar", "--version", "--verbose")) {
      return packages.ended(60).code() == 0 && version.ended(60).output().contains("java: 25");
    }
  }

  @Test
  void aSidecarStartsFromItsImageAndTwoBuildsHaveTheSameLayers() throws Exception {
    JsonArray layers = layers(build("whole.tar"));
    JsonArray again = layers(build("again.tar", "--reproducible"));

    assertThat(again.stream().toList())
        .isEqualTo(layers.stream().limit(layers.size() - 1).toList()); // all but the archive
    assertThat(bytes(layers)).isLessThan(LARGEST);

    Path root = unpacked(folder.resolve("whole.tar"), layers);
    JsonObject config = config(folder.resolve("whole.tar"));
    assertThat(config.getString("User")).isEqualTo("1337:1337");
    assertThat(said(inside(root, config, List.of("sidecar", "--version", "--verbose"))))
        .contains("weft 0.", "java: 25", "/opt/jre", "(in use)", "tls: BoringSSL", "epoll");
    startsAsInAPod(root, config);
  }

  /** The step of {@code weft-init}, then the sidecar with its user, on the ports that pods have. */
  private void startsAsInAPod(Path root, JsonObject config) throws Exception {
    Path home = Files.createDirectories(root.resolve("home/mesh"));
    Files.writeString(home.resolve("mesh.yaml"), CONFIG);
    certify(root);
    String init =
        words(root, config, "0:0", List.of("intercept", "install", "--proxy-uid", "1337"));
    String sidecar =
        words(
            root,
            config,
            config.getString("User"),
            List.of(
                "sidecar",
                "--intercept",
                "--config=dir:/home/mesh",
                "--identity=dir:/home/identity",
                "--service-account=shop/search",
                "--state-dir=/home/state",
                "--health=0.0.0.0:15021",
                "--metrics=0.0.0.0:15020"));
    Path said = folder.resolve("sidecar.log");
    Process process =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "--net",
                "sh",
                "-ec",
                "mount -t proc proc '"
                    + root.resolve("proc")
                    + "'; ip link set lo up; "
                    + init
                    + "; exec "
                    + sidecar)
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      String status = "";
      for (int i = 0; i < START_SECONDS * 5 && process.isAlive() && !"200".equals(status); i++) {
        status = status(process.pid());
        process.waitFor(200, TimeUnit.MILLISECONDS);
      }
      assertThat(status).as(Files.readString(said)).isEqualTo("200");
      assertThat(said(nsenter(process.pid(), "iptables-save", "-t", "nat")))
          .contains("WEFT_INBOUND", "--to-ports 15006");
    } finally {
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private void certify(Path root) throws Exception {
    Path identity = root.resolve("home/identity");
    try (Launched certify =
        Launched.weft(
            folder,
            Map.of(),
            "certify",
            "--service-account=shop/search",
            "--ca-dir=" + folder.resolve("ca"),
            "--out=" + identity)) {
      assertThat(certify.ended(60).code()).isZero();
    }
    said(List.of("chown", "-R", "1337:1337", root.resolve("home").toString()));
  }

  private static String status(long pid) throws Exception {
    List<String> ask =
        nsenter(pid, "curl", "-s", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}");
    ask.add("http://127.0.0.1:15021/ready");
    return said(ask);
  }

  private static List<String> nsenter(long pid, String... command) {
    List<String> line = new ArrayList<>(List.of("nsenter", "--net=/proc/" + pid + "/ns/net"));
    line.addAll(List.of(command));
    return line;
  }

  private Path build(String file, String... flags) throws Exception {
    Path image = folder.resolve(file);
    List<String> line = new ArrayList<>(List.of("image", "sidecar", "--output", image.toString()));
    line.addAll(List.of(flags));
    try (Launched launched = Launched.weft(folder, Map.of(), line.toArray(new String[0]))) {
      Run run = launched.ended(200);
      assertThat(run.code()).as(run.output()).isZero();
      assertThat(run.output()).contains(file + ": sha256:").contains(" MB compressed");
    }
    return image;
  }

  private static Path unpacked(Path image, JsonArray layers) throws Exception {
    Path root = Files.createDirectory(image.resolveSibling("root"));
    for (Object layer : layers) {
      Path file = image.resolveSibling("layer.tar.gz");
      Files.write(file, blob(image, ((JsonObject) layer).getString("digest")));
      said(List.of("tar", "-xzf", file.toString(), "-C", root.toString()));
    }
    return root;
  }

  private static JsonArray layers(Path image) throws Exception {
    return manifest(image).getJsonArray("layers");
  }

  private static long bytes(JsonArray layers) {
    return layers.stream().mapToLong(one -> ((JsonObject) one).getLong("size")).sum();
  }

  private static JsonObject config(Path image) throws Exception {
    String digest = manifest(image).getJsonObject("config").getString("digest");
    return new JsonObject(new String(blob(image, digest), UTF_8)).getJsonObject("config");
  }

  private static JsonObject manifest(Path image) throws Exception {
    JsonObject index = new JsonObject(said(List.of("tar", "-xOf", image.toString(), "index.json")));
    String digest = index.getJsonArray("manifests").getJsonObject(0).getString("digest");
    return new JsonObject(new String(blob(image, digest), UTF_8));
  }

  private static byte[] blob(Path image, String digest) throws Exception {
    String name = "blobs/" + digest.replace(':', '/');
    Process tar = new ProcessBuilder("tar", "-xOf", image.toString(), name).start();
    byte[] content = tar.getInputStream().readAllBytes();
    assertThat(tar.waitFor()).isZero();
    return content;
  }

  /** What a container runtime does with an image's configuration, as one command. */
  private static List<String> inside(Path root, JsonObject config, List<String> args) {
    return List.of(
        "unshare",
        "--mount",
        "sh",
        "-ec",
        "mount -t proc proc '"
            + root.resolve("proc")
            + "'; exec "
            + words(root, config, config.getString("User"), args));
  }

  private static String words(Path root, JsonObject config, String user, List<String> args) {
    List<String> line = new ArrayList<>(List.of("env", "-i"));
    config.getJsonArray("Env").forEach(one -> line.add((String) one));
    line.addAll(List.of("/usr/sbin/chroot", "--userspec=" + user, root.toString()));
    config.getJsonArray("Entrypoint").forEach(one -> line.add((String) one));
    line.addAll(args);
    return String.join(" ", line);
  }

  private static String said(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return said.trim();
  }
}
