package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the control plane shows of a mesh: a gateway calls a sidecar, and both of them count what
 * goes over the edge between them.
 */
@Timeout(240)
final class MeshDashboardIT {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final String LOOKS = "fedcba9876543210fedcba9876543210";
  private static final String SHOP =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: shop, namespace: prod}
      spec:
        hosts: [shop.test]
        location: MESH_INTERNAL
        resolution: STATIC
        ports: [{number: 80, name: http, protocol: HTTP}]
        endpoints: [{address: 127.0.0.1, ports: {http: %d}, serviceAccount: shop, labels: {app: shop}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: shop, namespace: prod}
      spec: {hosts: [shop.test], http: [{route: [{destination: {host: shop.test}}]}]}
      """;
  private static final int CALLS = 30;

  @TempDir private Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private int access;
  private int edge;
  private Launched sidecar;
  private Launched gateway;
  private LaunchedMesh mesh;

  @BeforeEach
  void start() throws Exception {
    access = FreePorts.next();
    edge = FreePorts.next();
    int inbound = FreePorts.next();
    Path token = token("dashboard-token", TOKEN);
    Path looks = token("looks", LOOKS);
    HttpServer shop =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.response().end("shop"))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    mesh =
        new LaunchedMesh(
            folder,
            "--dashboard",
            "127.0.0.1:" + access,
            "--dashboard-token-file",
            "alice=" + token,
            "--dashboard-token-file",
            looks.toString(),
            "--dashboard-editor",
            "alice");
    mesh.configure("shop.yaml", SHOP.formatted(inbound));
    sidecar =
        mesh.proxy(
            "sidecar",
            "shop",
            "--labels",
            "app=shop",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + shop.actualPort());
    gateway =
        mesh.proxy("gateway", "edge", "--labels", "app=edge", "--listen", "127.0.0.1:" + edge);
  }

  @AfterEach
  void end() throws Exception {
    mesh.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void theWholeMeshIsSeenInOnePlace() throws Exception {
    live(told -> heard(told) == 2); // until then the callee's end counts for a caller unheard of
    for (int i = 0; i < CALLS; i++) {
      assertThat(shop()).endsWith("shop");
    }

    JsonObject live = live(told -> requests(told) >= CALLS);
    JsonObject proxies = json("/proxies");
    long gateway = stream(proxies, "edge");
    JsonObject own = json("/proxies/" + gateway + "/certs");
    HttpResponse<String> page = get("/proxies/" + gateway + "/dashboard/");
    HttpResponse<String> data = get("/proxies/" + gateway + "/config");
    HttpResponse<String> drain = post("/proxies/" + gateway + "/drain");

    assertThat(requests(live)).as("each once, though both ends count it").isEqualTo(CALLS);
    assertThat(live.getJsonArray("edges").stream().map(JsonObject.class::cast))
        .filteredOn(one -> one.getString("service").equals("shop.test"))
        .allSatisfy(one -> assertThat(one.getString("reporter")).isEqualTo("source"))
        .extracting(
            one ->
                live.getJsonArray("ends")
                    .getJsonObject(one.getInteger("destination"))
                    .getString("principal"))
        .containsExactly("spiffe://cluster.local/ns/prod/sa/shop");
    assertThat(live.getJsonObject("state").getJsonObject("proxies").encode())
        .isEqualTo("{\"present\":2,\"heard\":2}");
    assertThat(live.getJsonObject("upstreams").fieldNames()).contains("outbound|80||shop.test");
    assertThat(own.encode()).contains("spiffe://cluster.local/ns/prod/sa/edge");
    assertThat(page.body()).as("the pages are the control plane's").contains("js/main.js");
    assertThat(page.headers().firstValue("content-security-policy").orElse(""))
        .contains("script-src 'self'");
    assertThat(data.headers().firstValue("content-security-policy").orElse(""))
        .contains("default-src 'none'", "sandbox");
    assertThat(get("/proxies/999/config").statusCode()).isEqualTo(404);
    assertThat(drain.statusCode()).as("without x-weft-admin").isEqualTo(403);
    assertThat(json("/clusters").encode()).contains("outbound|80||shop.test");
    assertThat(json("/routes").encode()).contains("shop.test");
    assertThat(json("/certs").getJsonArray("certificates").size()).isEqualTo(3);
    assertThat(json("/config/history").getJsonArray("versions").isEmpty()).isFalse();
  }

  @Test
  void aProxyThatIsNotHeardIsSaidAndOneThatLeftIsNot() throws Exception {
    live(told -> heard(told) == 2);

    StatusIT.signal(sidecar, "-STOP");
    JsonObject silent = live(told -> heard(told) == 1);
    StatusIT.signal(sidecar, "-CONT");
    live(told -> heard(told) == 2);
    sidecar.terminate();
    JsonObject gone =
        live(told -> told.getJsonObject("state").getJsonObject("proxies").getLong("present") == 1);

    assertThat(silent.getJsonObject("state").getJsonArray("findings").encode())
        .contains("sa/shop is not heard: ");
    assertThat(gone.getJsonObject("state").getJsonArray("findings").isEmpty()).isTrue();
    assertThat(json("/proxies").getJsonArray("away").getJsonObject(0).getString("account"))
        .isEqualTo("shop");
  }

  @Test
  void onItsOwnPortTheTokenIsNeeded() throws Exception {
    URI own = URI.create("http://127.0.0.1:" + access + "/proxies");

    HttpResponse<String> without =
        client.send(HttpRequest.newBuilder(own).build(), BodyHandlers.ofString());
    HttpResponse<String> with =
        client.send(
            HttpRequest.newBuilder(own).header("authorization", "Bearer " + TOKEN).build(),
            BodyHandlers.ofString());

    assertThat(without.statusCode()).isEqualTo(401);
    assertThat(with.statusCode()).isEqualTo(200);
    assertThat(with.body()).contains("sa/edge");
  }

  @Test
  void whoMayChangesWeightsAndItIsToldWhoItWas() throws Exception {
    String change = "/config/weights?rule=default/hello%230&from=95,5&to=50,50";
    Path file = folder.resolve("mesh/hello.yaml");
    String before = Files.readString(file);

    HttpResponse<String> looks = own("POST", change, LOOKS);
    HttpResponse<String> back = own("POST", "/config/rollback", LOOKS);
    HttpResponse<String> seen = own("GET", "/canary", LOOKS);
    HttpResponse<String> foreign =
        client.send(
            asking("POST", change, TOKEN).header("origin", "https://evil.example").build(),
            BodyHandlers.ofString());
    String untouched = Files.readString(file);
    HttpResponse<String> alice = own("POST", change, TOKEN);

    assertThat(looks.statusCode()).isEqualTo(403);
    assertThat(looks.body()).contains("token looks may look, and change nothing");
    assertThat(back.statusCode()).isEqualTo(403);
    JsonObject rule = new JsonObject(seen.body()).getJsonArray("rules").getJsonObject(0);
    assertThat(rule.getString("rule")).isEqualTo("default/hello#0");
    assertThat(rule.getBoolean("writable")).isFalse();
    assertThat(rule.getString("why")).contains("by token looks from 127.0.0.1 may look");
    assertThat(foreign.statusCode()).isEqualTo(403);
    assertThat(untouched).isEqualTo(before);
    assertThat(alice.statusCode()).as(alice.body()).isEqualTo(200);
    assertThat(Files.readString(file))
        .isEqualTo(
            before.replace("weight: 95", "weight: 50").replace("weight: 5\n", "weight: 50\n"));
    JsonObject newest = json("/config/history").getJsonArray("versions").getJsonObject(0);
    assertThat(newest.getString("cause"))
        .isEqualTo(
            "weights of default/hello#0: [95, 5] to [50, 50], asked for by token alice from"
                + " 127.0.0.1");
    HttpResponse<String> taken = own("POST", "/config/rollback", TOKEN);
    assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
    assertThat(Files.readString(file)).isEqualTo(before);
    assertThat(json("/config/history").getJsonArray("versions").getJsonObject(0).getString("cause"))
        .startsWith("rollback to ")
        .endsWith(", asked for by token alice from 127.0.0.1");
  }

  @Test
  void aProxyIsToldWhoAskedForItsChange() throws Exception {
    live(told -> heard(told) == 2);
    String change =
        "/proxies/"
            + stream(json("/proxies"), "edge")
            + "/config/weights?rule=default/hello%230&from=95,5&to=50,50";

    HttpResponse<String> answer =
        client.send(
            asking("POST", change, TOKEN).header("x-weft-asked-by", "mallory").build(),
            BodyHandlers.ofString());

    assertThat(answer.statusCode()).as("it is changed where it is read").isEqualTo(400);
    gateway.says("weights of default/hello#0");
    assertThat(gateway.said())
        .contains("asked for by token alice from 127.0.0.1 through the control plane; not written");
  }

  private Path token(String name, String text) throws Exception {
    Path file = Files.writeString(folder.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private HttpResponse<String> own(String method, String path, String token) throws Exception {
    return client.send(asking(method, path, token).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder asking(String method, String path, String token) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + access + path))
        .method(method, HttpRequest.BodyPublishers.noBody())
        .header("authorization", "Bearer " + token)
        .header("x-weft-admin", "1");
  }

  private String shop() throws Exception {
    String answer = "";
    for (int i = 0; i < 100 && !answer.endsWith("shop"); i++) { // until its configuration is there
      answer =
          RawHttp.exchange(edge, "GET / HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n");
    }
    return answer;
  }

  private static long heard(JsonObject told) {
    return told.getJsonObject("state").getJsonObject("proxies").getLong("heard");
  }

  /** To the service, in the time that is live. */
  private static long requests(JsonObject told) {
    List<Integer> edges =
        told.getJsonArray("edges").stream()
            .map(JsonObject.class::cast)
            .filter(one -> one.getString("service").equals("shop.test"))
            .map(one -> one.getInteger("id"))
            .toList();
    long sum = 0;
    for (Object count : told.getJsonArray("counts")) {
      JsonArray one = (JsonArray) count;
      JsonArray buckets = one.getJsonArray(1).getJsonArray(2);
      for (int i = 1; edges.contains(one.getInteger(0)) && i < buckets.size(); i += 2) {
        sum += buckets.getLong(i);
      }
    }
    return sum;
  }

  private static long stream(JsonObject proxies, String account) {
    return proxies.getJsonArray("proxies").stream()
        .map(JsonObject.class::cast)
        .filter(one -> one.getString("account").equals(account))
        .findFirst()
        .orElseThrow()
        .getLong("stream");
  }

  /** A snapshot of what is live, once it is as wanted; each is asked for anew. */
  private JsonObject live(Predicate<JsonObject> wanted) throws Exception {
    JsonObject last = new JsonObject();
    for (int i = 0; i < 60; i++) {
      try (Stream<String> lines =
          client
              .send(
                  HttpRequest.newBuilder(uri("/dashboard/api/live")).build(),
                  BodyHandlers.ofLines())
              .body()) {
        last =
            new JsonObject(
                lines
                    .filter(line -> line.startsWith("data: "))
                    .findFirst()
                    .orElse("data: {}")
                    .substring("data: ".length()));
      }
      if (wanted.test(last)) {
        return last;
      }
      LockSupport.parkNanos(500_000_000); // what is shown changes once a second
    }
    assertThat(wanted.test(last)).as("at last %s", last).isTrue();
    return last;
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + mesh.admin + path);
  }

  private JsonObject json(String path) throws Exception {
    return new JsonObject(get(path).body());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }
}
