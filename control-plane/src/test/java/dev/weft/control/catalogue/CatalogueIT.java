package dev.weft.control.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.issue.JsonErrors;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.testkit.LogLines;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The catalogue of a real API server's Services. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
@DisabledIfEnvironmentVariable(
    named = "KUBERNETES_SERVICE_HOST",
    matches = ".+",
    disabledReason = "the importer would go there")
final class CatalogueIT {

  private static final int WAIT_SECONDS = 60;
  private static final int NOT_YET = 503;

  private static KubeApiServer kube;

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final HttpClient client = HttpClient.newHttpClient();
  private Optional<Catalogue> catalogue = Optional.empty();
  private KubernetesApi api;
  private int port;

  @TempDir private Path folder;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeAll
  static void up() {
    kube = KubeApiServer.start();
  }

  @AfterAll
  static void down() {
    if (kube != null) {
      kube.close();
    }
  }

  @BeforeEach
  void connect() {
    api = KubernetesApi.connect(vertx, kube.kubeconfig());
  }

  @AfterEach
  void close() throws Exception {
    if (catalogue.isPresent()) {
      done(catalogue.get().close());
    }
    api.close();
    done(vertx.close());
  }

  @Test
  void servicesComeAndChangeAndGoAndARestartOfTheServerLosesNone() throws Exception {
    apply("one", "{port: 80, name: http}, {port: 9000, name: grpc}");
    done(opened());
    until("one", "[http:80/TCP, grpc:9000/TCP]");

    apply("two", "{port: 53, name: dns, protocol: UDP}");
    until("two", "[dns:53/UDP]");
    apply("one", "{port: 81, name: http}");
    until("one", "[http:81/TCP]");
    kube.kubectl("delete", "service", "two");
    until("two", "");

    kube.restart(Duration.ofSeconds(1));
    kube.kubectl("delete", "service", "one");
    apply("three", "{port: 80, name: http}");
    until("three", "[http:80/TCP]");
    until("one", "");
    kube.kubectl("delete", "service", "three");
  }

  @Test
  void aServerThatIsNotTheClustersIsToldNothingAndNothingIsToldOfIt() throws Exception {
    Path other =
        Files.writeString(folder.resolve("ca.crt"), new TestCertificates(Instant.now()).rootPem());
    String line = Files.readString(kube.kubeconfig());
    String given =
        line.replaceAll(
            "certificate-authority(-data)?: *[^,}\\s]+", "certificate-authority: " + other);
    assertThat(given).isNotEqualTo(line);
    api.close();
    api = KubernetesApi.connect(vertx, Files.writeString(folder.resolve("kubeconfig"), given));

    try (LogLines log = new LogLines(Catalogue.class)) {
      Future<Void> opening = opened();
      for (int tries = 0; tries < 20 * WAIT_SECONDS && log.lines().isEmpty(); tries++) {
        done(vertx.timer(50, TimeUnit.MILLISECONDS));
      }
      assertThat(log.lines().get(0))
          .contains("shows a certificate that the configured CA did not sign");
      assertThat(opening.isComplete()).isFalse();
      assertThat(asked().statusCode()).isEqualTo(NOT_YET);
    }
  }

  private Future<Void> opened() throws Exception {
    Promise<Future<Void>> opening = Promise.promise();
    Promise<HttpServer> served = Promise.promise();
    context.runOnContext(
        now -> {
          Catalogue made = new Catalogue(vertx, api, new Pace(), Map.of(), new SystemTicker());
          catalogue = Optional.of(made);
          Router router = JsonErrors.router(vertx);
          made.mountAdmin(router);
          opening.complete(made.open());
          vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1").onComplete(served);
        });
    port = done(served.future()).actualPort();
    return done(opening.future());
  }

  private void apply(String name, String ports) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("service.yaml"),
            "{apiVersion: v1, kind: Service, metadata: {name: %s}, spec: {ports: [%s]}}"
                .formatted(name, ports));
    kube.kubectl("apply", "-f", file.toString());
  }

  /** Waits until the ports of a Service are these; empty for one that is not there. */
  private void until(String name, String ports) throws Exception {
    String seen = "never asked";
    for (int tries = 0; tries < 20 * WAIT_SECONDS && !seen.equals(ports); tries++) {
      seen = ports(name);
      if (!seen.equals(ports)) {
        done(vertx.timer(50, TimeUnit.MILLISECONDS));
      }
    }
    assertThat(seen).as(name).isEqualTo(ports);
  }

  private String ports(String name) throws Exception {
    List<JsonObject> all =
        new JsonObject(asked().body())
            .getJsonArray("services").stream()
                .map(JsonObject.class::cast)
                .filter(one -> one.getString("namespace").equals("default"))
                .filter(one -> one.getString("name").equals(name))
                .toList();
    return all.isEmpty()
        ? ""
        : all.get(0).getJsonArray("ports").stream()
            .map(JsonObject.class::cast)
            .map(
                one ->
                    one.getString("name")
                        + ":"
                        + one.getInteger("port")
                        + "/"
                        + one.getString("protocol"))
            .toList()
            .toString();
  }

  private HttpResponse<String> asked() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/services"))
            .timeout(Duration.ofSeconds(WAIT_SECONDS))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
  }
}
