package dev.weft.kubernetes;

import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** A real API server, and a namespace of each test's own. */
public abstract class ApiServerFixture {

  protected static final int WAIT_SECONDS = 60;

  protected static KubeApiServer kube;
  protected static Vertx vertx;

  @TempDir protected Path folder;
  protected String namespace;

  protected static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeAll
  protected static void up() {
    kube = KubeApiServer.start();
    vertx = Vertx.vertx();
  }

  @AfterAll
  protected static void down() throws Exception {
    if (kube != null) {
      vertx.close().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
      kube.close();
    }
  }

  @BeforeEach
  protected void namespace(TestInfo test) {
    namespace = "n" + Integer.toHexString(test.getDisplayName().hashCode());
    kube.kubectl("create", "namespace", namespace);
  }
}
