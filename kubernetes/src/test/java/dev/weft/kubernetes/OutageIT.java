package dev.weft.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.kubernetes.discovery.ServicesSource;
import dev.weft.kubernetes.watch.Pace;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What comes of the sources while the API server fails in every way it can, and after. */
@Timeout(120)
final class OutageIT {

  private static final int WAIT_SECONDS = 60;
  private static final int MOST_CALLS = 5; // in a second
  private static final Duration BACK_WITHIN = Duration.ofSeconds(5);
  private static final String SERVICES = "/api/v1/services";
  private static final String SLICES = "/apis/discovery.k8s.io/v1/endpointslices";
  private static final String MAPS = "/api/v1/namespaces/prod/configmaps";

  private static final String FIRST_PAGE =
      "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[],"
          + "\"metadata\":{\"resourceVersion\":\"1001\",\"continue\":\"old\"}}";
  private static final String EXPIRED =
      "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\",\"message\":\"too old\"}";

  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<Map<String, List<ConfigDocument>>> services =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<List<ConfigMapUnit>> maps = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> sentences = new LinkedBlockingQueue<>();
  private ApiServerFake server;
  private KubernetesApi api;
  private ServicesSource discovery;
  private ConfigMapSource configuration;

  @TempDir private Path folder;

  /** How it fails, and how many calls are waited for. */
  private enum Outage {
    ERROR(7),
    TOO_MANY(7),
    FORBIDDEN(7),
    GARBAGE(7),
    HANGING(4),
    CUT(7),
    GONE(12), // whatever is watched from what was listed just before
    GONE_PAGES(7); // no second page of a list

    private final int calls;

    Outage(int calls) {
      this.calls = calls;
    }

    private void answer(ApiServerFake server, HttpServerRequest request) {
      switch (this) {
        case ERROR -> status(request, 500, "{}");
        case TOO_MANY -> {
          request.response().putHeader("retry-after", "1");
          status(request, 429, "{\"kind\":\"Status\",\"code\":429,\"message\":\"later\"}");
        }
        case FORBIDDEN ->
            status(request, 403, "{\"kind\":\"Status\",\"code\":403,\"message\":\"no\"}");
        case GARBAGE -> status(request, 200, "<html>maintenance</html>");
        case HANGING -> request.pause(); // never an answer
        case CUT -> request.connection().close();
        case GONE -> {
          if (request.getParam("watch") == null) {
            server.list(request);
          } else {
            request.toWebSocket().onSuccess(ApiServerFake::gone);
          }
        }
        case GONE_PAGES -> {
          if (request.getParam("continue") == null) {
            status(request, 200, FIRST_PAGE);
          } else {
            status(request, 410, EXPIRED);
          }
        }
      }
    }

    private static void status(HttpServerRequest request, int code, String body) {
      request
          .response()
          .setStatusCode(code)
          .putHeader("content-type", "application/json")
          .end(body);
    }
  }

  @BeforeEach
  void watch() throws Exception {
    server = new ApiServerFake(vertx, folder);
    service("a", 80);
    server.put(SLICES, slice("a"));
    map("before");
    api = KubernetesApi.connect(vertx, server.kubeconfig());
    Pace pace = new Pace();
    discovery = new ServicesSource(api, pace, "kubernetes:", services::add, sentences::add);
    ConfigMapSelection selection = ConfigMapSelection.parse("configmap:prod?label=weft=yes");
    configuration = new ConfigMapSource(api, pace, selection, maps::add, sentences::add);
    discovery.start();
    configuration.start();
    assertThat(told(services)).containsOnlyKeys("service:prod/a");
    assertThat(told(maps)).hasSize(1);
  }

  @AfterEach
  void close() throws Exception {
    discovery.close();
    configuration.close();
    api.close();
    server.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource
  void whatWasReadStaysAndWhatChangedIsThereWithinFiveSecondsOfTheEnd(Outage outage)
      throws Exception {
    server.fail(request -> outage.answer(server, request));
    server.awaitCalls(outage.calls);

    assertThat(server.mostInASecond())
        .as("calls in a second, %s", outage)
        .isLessThanOrEqualTo(MOST_CALLS);
    assertThat(services).isEmpty();
    assertThat(maps).isEmpty();

    service("a", 81);
    map("after");
    long end = System.nanoTime();
    server.mend();

    assertThat(told(services).get("service:prod/a"))
        .hasSize(2)
        .anyMatch(text -> text.text().contains("81"));
    assertThat(told(maps).get(0).documents()).extracting(ConfigDocument::text).contains("after");
    assertThat(Duration.ofNanos(System.nanoTime() - end)).isLessThan(BACK_WITHIN);
  }

  @Test
  void whatTheServerAsksForIsGivenToIt() throws Exception {
    server.fail(
        request -> {
          request.response().putHeader("retry-after", "4");
          Outage.status(request, 503, "{}");
        });

    Duration took = server.awaitCalls(7); // five at most before its first answer is read

    assertThat(took).isGreaterThan(Duration.ofSeconds(8)); // which took five without obedience
    server.mend();
    service("a", 81);
    assertThat(told(services).get("service:prod/a")).hasSize(2);
  }

  @Test
  void aServerThatCountsFromTheBeginningAgainIsFollowed() throws Exception {
    server.forget();
    service("a", 81);
    map("after");

    assertThat(told(services).get("service:prod/a")).hasSize(2);
    assertThat(told(maps).get(0).documents()).extracting(ConfigDocument::text).contains("after");

    service("b", 82); // by the watch
    assertThat(told(services)).containsOnlyKeys("service:prod/b");
  }

  private <T> T told(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(next).as("told in time; sentences: %s", sentences).isNotNull();
    return next;
  }

  private void service(String name, int port) {
    JsonObject one = new JsonObject().put("name", "http").put("port", port);
    JsonObject spec = new JsonObject().put("ports", new JsonArray().add(one));
    server.put(SERVICES, object("v1", "Service", name).put("spec", spec));
  }

  private static JsonObject slice(String service) {
    JsonObject slice = object("discovery.k8s.io/v1", "EndpointSlice", service + "-1");
    slice
        .getJsonObject("metadata")
        .put("labels", new JsonObject().put("kubernetes.io/service-name", service));
    JsonArray addresses = new JsonArray().add("10.0.0.1");
    return slice
        .put("addressType", "IPv4")
        .put("ports", new JsonArray().add(new JsonObject().put("name", "http").put("port", 8080)))
        .put("endpoints", new JsonArray().add(new JsonObject().put("addresses", addresses)));
  }

  private void map(String text) {
    JsonObject data = new JsonObject().put("a.yaml", text);
    server.put(MAPS, object("v1", "ConfigMap", "routes").put("data", data));
  }

  private static JsonObject object(String version, String kind, String name) {
    return new JsonObject()
        .put("apiVersion", version)
        .put("kind", kind)
        .put("metadata", new JsonObject().put("name", name).put("namespace", "prod"));
  }
}
