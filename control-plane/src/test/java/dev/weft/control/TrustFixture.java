package dev.weft.control;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.ca.Signing;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.trust.TrustBundle;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.process.HostPort;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The real API server, and authorities in Secrets of it. */
abstract class TrustFixture {

  static final String MESH = "cluster.local";
  static final Duration DAY = Duration.ofDays(1);
  static final Duration PATIENCE = Duration.ofSeconds(60);

  static KubeApiServer kube;
  static KubernetesApi api;
  static Vertx vertx;

  final SystemTicker ticker = new SystemTicker();
  final List<AutoCloseable> open = new ArrayList<>();

  @TempDir Path folder;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeAll
  static void up() {
    kube = KubeApiServer.start();
    vertx = Vertx.vertx();
    api = KubernetesApi.connect(vertx, kube.kubeconfig());
  }

  @AfterAll
  static void down() throws Exception {
    if (kube != null) {
      api.close();
      done(vertx.close());
      kube.close();
    }
  }

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  Future<Trust> opening(String namespace) {
    return opening(namespace, Duration.ofSeconds(1), ticker);
  }

  Future<Trust> opening(String namespace, Duration rootWait, Ticker time) {
    ControlSettings settings =
        new ControlSettings(
            List.of(),
            new HostPort("127.0.0.1", 0),
            folder,
            folder,
            Optional.of(namespace + "/weft-ca"),
            rootWait,
            MESH,
            false,
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty());
    return Trust.open(vertx, settings, Optional.of(api), DAY, time).onSuccess(open::add);
  }

  static String pem(X509Certificate one) {
    return Pem.certificates(List.of(one));
  }

  static Optional<String> bundle(String namespace) {
    return TrustBundle.read(api, namespace).map(told -> Pem.certificates(told.roots()));
  }

  static void sign(String namespace, Signing with) {
    change(
        namespace,
        new JsonObject()
            .put("ca-cert.pem", Pem.certificates(List.of(with.signer())))
            .put("ca-key.pem", Pem.of("PRIVATE KEY", with.key().getEncoded()))
            .put("root-cert.pem", Pem.certificates(with.roots())));
  }

  static void roots(String namespace, List<X509Certificate> roots) {
    change(namespace, new JsonObject().put("root-cert.pem", Pem.certificates(roots)));
  }

  static void change(String namespace, JsonObject data) {
    String patch = new JsonObject().put("stringData", data).encode();
    kube.kubectl("patch", "-n", namespace, "secret", "weft-ca", "--type=merge", "-p", patch);
  }

  static void eventually(String what, BooleanSupplier look) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean there = false;
    while (!there && System.nanoTime() < deadline) {
      there = look.getAsBoolean();
      done(vertx.timer(20, TimeUnit.MILLISECONDS));
    }
    assertThat(there).as(what).isTrue();
  }
}
