package dev.weft.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** ConfigMaps of a real API server are written as they were, beside others who write there. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class ConfigMapWriterIT {

  private static final int WAIT_SECONDS = 60;
  private static final int WRITES = 30;

  private static KubeApiServer kube;
  private static Vertx vertx;
  private static @TempDir Path folder;

  private final AtomicInteger attempts = new AtomicInteger();
  private final ConfigMapWriter writer =
      new ConfigMapWriter(ConfigMapWriterIT::api, attempts::incrementAndGet);
  private String namespace;
  private String unit;

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
  void routes(TestInfo test) {
    namespace = "n" + Integer.toHexString(test.getDisplayName().hashCode());
    unit = "configmap:" + namespace + "/routes";
    kube.kubectl("create", "namespace", namespace);
    kube.kubectl(
        "create",
        "-n",
        namespace,
        "configmap",
        "routes",
        "--from-literal=a.yaml=0",
        "--from-literal=b.yaml=stays");
  }

  private static KubernetesApi api() {
    Map<String, String> environment = Map.of("KUBECONFIG", kube.kubeconfig().toString());
    return KubernetesApi.connect(vertx, new ApiAccess.Places(environment, folder, folder));
  }

  private Map<String, List<ConfigDocument>> texts(String first) {
    return Map.of(
        unit,
        List.of(
            new ConfigDocument(unit, unit + "#a.yaml", first),
            new ConfigDocument(unit, unit + "#b.yaml", "stays")));
  }

  private String field(String path) {
    return kube.kubectl(
        "get", "-n", namespace, "configmap", "routes", "-o", "jsonpath={." + path + "}");
  }

  @Test
  void notesThatOthersWriteMeanwhileKeepNoTextFromBeingWritten() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger notes = new AtomicInteger();
    CompletableFuture<Void> noting = CompletableFuture.runAsync(() -> note(notes, done));
    try {
      for (int i = 0; i < WRITES; i++) {
        writer.write(texts(Integer.toString(i)), texts(Integer.toString(i + 1)));
      }
    } finally {
      done.set(true);
      noting.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    assertThat(field("data")).isEqualTo("{\"a.yaml\":\"" + WRITES + "\",\"b.yaml\":\"stays\"}");
    assertThat(field("metadata.annotations.note")).isEqualTo(Integer.toString(notes.get()));
    assertThat(notes).hasValueGreaterThan(WRITES / 2);
    assertThat(attempts).hasValue(WRITES);
  }

  /** As often as the API server takes it. */
  private void note(AtomicInteger notes, AtomicBoolean done) {
    try (KubernetesApi api = api()) {
      while (!done.get()) {
        api.client()
            .configMaps()
            .inNamespace(namespace)
            .withName("routes")
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\":{\"annotations\":{\"note\":\"" + notes.incrementAndGet() + "\"}}}");
      }
    }
  }

  @Test
  void aTextThatSomebodyElseChangedIsLeft() {
    kube.kubectl(
        "patch",
        "-n",
        namespace,
        "configmap",
        "routes",
        "--type=merge",
        "-p",
        "{\"data\":{\"b.yaml\":\"theirs\"}}");

    assertThatThrownBy(() -> writer.write(texts("0"), texts("1")))
        .isInstanceOf(IOException.class)
        .hasMessage(unit + " was changed meanwhile");
    assertThat(field("data")).isEqualTo("{\"a.yaml\":\"0\",\"b.yaml\":\"theirs\"}");
    assertThat(attempts).hasValue(1);
  }

  @Test
  void whatSomebodyRemovedIsNotMadeAnew() {
    kube.kubectl("delete", "-n", namespace, "configmap", "routes");

    assertThatThrownBy(() -> writer.write(texts("0"), texts("1")))
        .isInstanceOf(IOException.class)
        .hasMessage(unit + " was removed meanwhile");
    assertThat(kube.kubectl("get", "-n", namespace, "configmap", "routes", "--ignore-not-found"))
        .isEmpty();
  }
}
