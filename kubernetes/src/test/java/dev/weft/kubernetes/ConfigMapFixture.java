package dev.weft.kubernetes;

import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** A real API server, and a namespace of each test's own. */
abstract class ConfigMapFixture {

  static final int WAIT_SECONDS = 60;

  static KubeApiServer kube;
  static Vertx vertx;

  @TempDir Path folder;
  String namespace;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeAll
  static void up() {
    kube = KubeApiServer.start();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void down() throws Exception {
    if (kube != null) {
      vertx.close().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
      kube.close();
    }
  }

  @BeforeEach
  void namespace(TestInfo test) {
    namespace = "n" + Integer.toHexString(test.getDisplayName().hashCode());
    kube.kubectl("create", "namespace", namespace);
  }

  /** Asks as an administrator; to be closed. */
  KubernetesApi connected() {
    Map<String, String> environment = Map.of("KUBECONFIG", kube.kubeconfig().toString());
    return KubernetesApi.connect(vertx, new ApiAccess.Places(environment, folder, folder));
  }

  void patch(String name, String patch) {
    kube.kubectl("patch", "-n", namespace, "configmap", name, "--type=merge", "-p", patch);
  }
}
