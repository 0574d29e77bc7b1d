package dev.weft.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** ConfigMaps of a real API server are written as they were, beside others who write there. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class ConfigMapWriterIT extends ConfigMapFixture {

  private static final int WRITES = 30;
  private static final int MOST_WRITES = 3_000;

  private final AtomicInteger attempts = new AtomicInteger();
  private final ConfigMapWriter writer =
      new ConfigMapWriter(this::connected, attempts::incrementAndGet);
  private String unit;

  @BeforeEach
  void routes() {
    unit = "configmap:" + namespace + "/routes";
    kube.kubectl(
        "create",
        "-n",
        namespace,
        "configmap",
        "routes",
        "--from-literal=a.yaml=0",
        "--from-literal=b.yaml=stays");
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
    int written = 0;
    try {
      while (written < MOST_WRITES && (written < WRITES || notes.get() < WRITES)) {
        writer.write(texts(Integer.toString(written)), texts(Integer.toString(++written)));
      }
    } finally {
      done.set(true);
      noting.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    assertThat(field("data")).isEqualTo("{\"a.yaml\":\"" + written + "\",\"b.yaml\":\"stays\"}");
    assertThat(field("metadata.annotations.note")).isEqualTo(Integer.toString(notes.get()));
    assertThat(notes).hasValueGreaterThanOrEqualTo(WRITES);
    assertThat(attempts).hasValue(written);
  }

  /** As often as the API server takes it. */
  private void note(AtomicInteger notes, AtomicBoolean done) {
    try (KubernetesApi api = connected()) {
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
    patch("routes", "{\"data\":{\"b.yaml\":\"theirs\"}}");

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

  @Test
  void whatTheApiServerDoesNotTakeIsToldInItsWords() {
    patch("routes", "{\"immutable\":true}");

    assertThatThrownBy(() -> writer.write(texts("0"), texts("1")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(unit)
        .hasMessageContaining("immutable")
        .hasMessageNotContaining("meanwhile");
    assertThat(field("data")).isEqualTo("{\"a.yaml\":\"0\",\"b.yaml\":\"stays\"}");
  }
}
