package dev.weft.control.charts;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The control plane as the chart's pod would run it, with that pod's rights, on this machine. */
final class ControlProcess implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Vertx vertx = Vertx.vertx();
  private final KubeApiServer kube;
  private final Path folder;
  private final int port;
  private final Process process;

  private ControlProcess(KubeApiServer kube, Path folder, int port, Process process) {
    this.kube = kube;
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /**
   * @param arguments the container's; folders and ports are changed to those of this machine
   */
  static ControlProcess start(KubeApiServer kube, Path folder, List<String> arguments)
      throws IOException {
    int port = FreePorts.next();
    String admin = "127.0.0.1:" + FreePorts.next();
    String webhook = "127.0.0.1:" + FreePorts.next();
    List<String> here =
        arguments.stream()
            .map(word -> word.replace("/var/lib/weft", folder.toString()))
            .map(word -> word.replace("0.0.0.0:15012", "127.0.0.1:" + port))
            .map(word -> word.replace("0.0.0.0:15017", webhook))
            .map(word -> word.replace("127.0.0.1:15000", admin))
            .toList();
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-jar",
            Path.of("target", "weft-control.jar").toAbsolutePath().toString());
    builder.command().addAll(here);
    builder.environment().put("KUBECONFIG", kubeconfig(kube, folder).toString());
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("control.log").toFile());
    return new ControlProcess(kube, folder, port, builder.start());
  }

  private static Path kubeconfig(KubeApiServer kube, Path folder) throws IOException {
    Path account = folder.resolve("account");
    kube.serviceAccount("weft-system", "weft-control", account);
    String server =
        kube.kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}");
    return Files.writeString(
        folder.resolve("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: here, cluster: {server: "%s", certificate-authority: "%s"}}]
        users: [{name: control, user: {token: "%s"}}]
        contexts: [{name: control, context: {cluster: here, user: control}}]
        current-context: control
        """
            .formatted(
                server, account.resolve("ca.crt"), Files.readString(account.resolve("token"))));
  }

  /** Asks as the kubelet does, over HTTP/1.1 with TLS, until the answer is 200. */
  void isReady() throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int status = 0;
    while (status != 200 && System.nanoTime() < deadline && process.isAlive()) {
      status = status();
      done(vertx.timer(50, TimeUnit.MILLISECONDS));
    }
    assertThat(status).as(Files.readString(folder.resolve("control.log"))).isEqualTo(200);
  }

  private int status() throws Exception {
    List<X509Certificate> roots = roots();
    if (roots.isEmpty()) {
      return 0;
    }
    HttpClientAgent client =
        vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_1_1).setKeepAlive(false));
    RequestOptions ask = new RequestOptions();
    ask.setMethod(HttpMethod.GET).setHost("127.0.0.1").setPort(port).setURI("/ready").setSsl(true);
    ask.setSslOptions(
        MeshTls.joining(
            Set.of(Pem.fingerprint(roots.get(0))),
            SpiffeId.control("cluster.local"),
            new SystemTicker()));
    return done(
        client
            .request(ask)
            .compose(Requests::sent)
            .map(HttpClientResponse::statusCode)
            .otherwise(0)
            .eventually(client::close));
  }

  /** As a pod of its namespace finds them. */
  private List<X509Certificate> roots() throws CertificateException {
    String pem =
        kube.kubectl(
            "get",
            "-n",
            "weft-system",
            "configmap",
            "weft-ca-root",
            "--ignore-not-found",
            "-o",
            "jsonpath={.data.root-cert\\.pem}");
    return pem.isEmpty() ? List.of() : WorkloadIdentity.certificates(pem, "weft-ca-root");
  }

  @Override
  public void close() {
    process.destroy();
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(40, TimeUnit.SECONDS).join();
    process.onExit().orTimeout(40, TimeUnit.SECONDS).join();
  }
}
