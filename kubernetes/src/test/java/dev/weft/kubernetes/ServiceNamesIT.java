package dev.weft.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.kubernetes.discovery.NamedService;
import dev.weft.kubernetes.discovery.ServiceNames;
import dev.weft.kubernetes.watch.Pace;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Names of Services, from an API server that fails at times. */
@Timeout(120)
final class ServiceNamesIT {

  private static final int WAIT_SECONDS = 60;
  private static final String SERVICES = "/api/v1/services";

  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<Map<String, Optional<NamedService>>> told =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<String> sentences = new LinkedBlockingQueue<>();
  private ApiServerFake server;
  private KubernetesApi api;
  private ServiceNames names;

  @TempDir private Path folder;

  @BeforeEach
  void watch() throws Exception {
    server = new ApiServerFake(vertx, folder);
    service(80);
    api = KubernetesApi.connect(vertx, server.kubeconfig());
    names = new ServiceNames(api, new Pace(), told::add, sentences::add);
    names.start();
    assertThat(told()).isEqualTo(Map.of("prod/a", Optional.of(named(80))));
  }

  @AfterEach
  void close() throws Exception {
    names.close();
    api.close();
    server.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void aVersionThatIsAlwaysGoneIsAskedForFiveTimesASecondAtMost() throws Exception {
    server.fail(
        request -> {
          if (request.getParam("watch") == null) {
            server.list(request);
          } else {
            request.toWebSocket().onSuccess(ApiServerFake::gone);
          }
        });
    server.awaitCalls(8);
    assertThat(server.mostInASecond()).isLessThanOrEqualTo(5);
    assertThat(told).isEmpty();

    server.mend();
    service(81);

    assertThat(told()).isEqualTo(Map.of("prod/a", Optional.of(named(81))));
  }

  @Test
  void whatWasToldStaysWhileTheServerIsForbidding() throws Exception {
    server.fail(request -> request.response().setStatusCode(403).end("{}"));
    server.awaitCalls(3);

    assertThat(told).isEmpty();
    assertThat(sentences.poll(WAIT_SECONDS, TimeUnit.SECONDS))
        .startsWith("catalogue (services): not allowed (403)")
        .endsWith("grant get, list and watch on services");
  }

  private Map<String, Optional<NamedService>> told() throws InterruptedException {
    Map<String, Optional<NamedService>> next = told.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(next).as("told in time; sentences: %s", sentences).isNotNull();
    return next;
  }

  private void service(int port) {
    JsonObject one = new JsonObject().put("name", "http").put("port", port);
    server.put(
        SERVICES,
        new JsonObject()
            .put("apiVersion", "v1")
            .put("kind", "Service")
            .put("metadata", new JsonObject().put("name", "a").put("namespace", "prod"))
            .put("spec", new JsonObject().put("ports", new JsonArray().add(one))));
  }

  private static NamedService named(int port) {
    return new NamedService(
        "prod", "a", "ClusterIP", List.of(new NamedService.Port("http", port, "TCP")));
  }
}
