package dev.weft.gateway;

import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.process.Proxy;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.process.flags.Given;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.verticle.GatewayListening;
import dev.weft.routing.verticle.Listening;
import dev.weft.routing.verticle.edge.IssuedCertificates;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway's tests stand on: a gateway on a folder, backends, clients. */
abstract class GatewayFixture {

  static final int PATIENCE_SECONDS = 15;

  @TempDir Path folder;
  @TempDir Path state;

  final Vertx vertx = Vertx.vertx();
  int port;
  int admin; // its port; 0 for any
  int threads = 1;
  String accessLog = "off";
  final List<String> flags = new ArrayList<>(); // beside the usual ones
  private final List<Object> clients = new ArrayList<>();
  private Proxy proxy;
  private Starting starting;

  private record Starting(Plan plan, Proxy.Ports ports) {}

  @BeforeEach
  void freePort() throws IOException {
    port = FreePorts.next();
  }

  @AfterEach
  void stop() throws Exception {
    if (proxy != null) {
      await(proxy.stop());
    }
    await(vertx.close());
  }

  interface Answer {
    void to(HttpServerRequest request);
  }

  int backend(Answer answer) throws Exception {
    HttpServerOptions options = new HttpServerOptions().setHttp2ClearTextEnabled(true);
    HttpServer server = vertx.createHttpServer(options).requestHandler(answer::to);
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  void gateway(String... documents) throws Exception {
    gateway(
        new Plan(Map.of(), true, false),
        (snapshot, self) -> List.of(listening(snapshot, self)),
        documents);
  }

  /** One whose policies hold for what comes to {@code --listen}. */
  void guardedGateway(String... documents) throws Exception {
    gateway(
        new Plan(Map.of(), true, true),
        (snapshot, self) -> List.of(listening(snapshot, self)),
        documents);
  }

  /** One whose ports are those of its Gateway resources. */
  void gatewayOfServers(String... documents) throws Exception {
    gateway(
        new Plan(Map.of(), false, true),
        (snapshot, self) ->
            GatewayListening.of(
                snapshot,
                self.store(),
                self.carriage(),
                self.identities(),
                new IssuedCertificates()),
        documents);
  }

  void gateway(Plan plan, Proxy.Ports ports, String... documents) throws Exception {
    for (int i = 0; i < documents.length; i++) {
      write(i == 0 ? "rules.yaml" : "entry" + i + ".yaml", documents[i]);
    }
    starting = new Starting(plan, ports);
    start();
  }

  /** Ends the gateway; another may be started. */
  void stopGateway() throws Exception {
    await(proxy.stop());
    proxy = null;
  }

  /** Ends the gateway and starts another one on the same folders. */
  void restart() throws Exception {
    await(proxy.stop());
    start();
  }

  /** Starts the gateway that was ended. */
  void startAgain() throws Exception {
    start();
  }

  private void start() throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--config",
                "dir:" + folder,
                "--state-dir",
                state.toString(),
                "--admin",
                "127.0.0.1:" + admin,
                "--access-log",
                accessLog,
                "--threads",
                Integer.toString(threads)));
    all.addAll(flags);
    Given given = Given.of(ProxyOptions.FLAGS, all, Map.of());
    proxy = new Proxy(new ProxyOptions(given), starting.plan, starting.ports);
    await(proxy.start());
  }

  Listening listening(Snapshot snapshot, Proxy self) {
    return new Listening(
        "--listen",
        ListenerSettings.of("127.0.0.1", port, Role.EDGE, snapshot.settings()),
        ServerTls.NONE,
        self.store().service(Snapshot::mesh));
  }

  void write(String name, String text) throws IOException {
    Path draft = folder.resolve("." + name);
    Files.writeString(draft, text);
    Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  static String rules(String rule) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: rules}
    spec: {hosts: [shop.test], http: [%s]}
    """
        .formatted(rule);
  }

  static String weights(int first, int second) {
    return rules(
        "{route: [{destination: {host: backend.test, subset: v1}, weight: %d},".formatted(first)
            + " {destination: {host: backend.test, subset: v2}, weight: %d}]}".formatted(second));
  }

  static String entry(int... ports) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: backend}
            spec:
              hosts: [backend.test]
              resolution: STATIC
              ports: [{number: 80, name: http}]
              endpoints:
            """);
    for (int i = 0; i < ports.length; i++) {
      text.append(
          "  - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v%d}}\n"
              .formatted(ports[i], i + 1));
    }
    return text.toString();
  }

  RequestOptions options(HttpMethod method, String uri) {
    return new RequestOptions()
        .setMethod(method)
        .setHost("127.0.0.1")
        .setPort(port)
        .setURI(uri)
        .putHeader("host", "shop.test");
  }

  HttpClient client(HttpClientOptions options) {
    return kept(vertx.createHttpClient(options));
  }

  /** Lives as long as the test: Vert.x closes a client that nobody refers to. */
  <T> T kept(T client) {
    clients.add(client);
    return client;
  }

  Future<HttpClientResponse> request(
      HttpVersion version, HttpMethod method, String uri, Buffer body) {
    HttpClientOptions options =
        new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false);
    return request(client(options), method, uri, body);
  }

  Future<HttpClientResponse> request(
      HttpClient client, HttpMethod method, String uri, Buffer body) {
    RequestOptions options = options(method, uri);
    return client
        .request(options)
        .compose(
            request -> {
              request.authority(HostAndPort.create("shop.test", 80));
              return Requests.sent(request, body);
            });
  }

  /** The answer's body, asked for on the answer's loop: later it might have gone by. */
  String text(String uri) throws Exception {
    Future<Buffer> body =
        client(new HttpClientOptions())
            .request(options(HttpMethod.GET, uri))
            .compose(
                request -> {
                  request.authority(HostAndPort.create("shop.test", 80));
                  return Requests.sent(request).compose(GatewayFixture::body);
                });
    return await(body).toString();
  }

  /** A page of the admin API, at the port of {@link #admin}. */
  String admin(String path) throws Exception {
    Future<Buffer> body =
        client(new HttpClientOptions())
            .request(HttpMethod.GET, admin, "127.0.0.1", path)
            .compose(request -> Requests.sent(request).compose(GatewayFixture::body));
    return await(body).toString();
  }

  /** How many the gateway refused for {@code reason}. */
  long refusals(String reason) throws Exception {
    String start = "weft_refusals_total{reason=\"" + reason + "\"} ";
    return admin("/metrics")
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(start.length())))
        .sum();
  }

  boolean eventually(String wanted) throws Exception {
    return eventually(() -> text("/").equals(wanted));
  }

  /** Asks until it is so, as long as patience lasts. */
  static boolean eventually(Callable<Boolean> what) throws Exception {
    long began = System.nanoTime();
    while (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
      if (what.call()) {
        return true;
      }
    }
    return false;
  }

  /** The first line of an access log with that part, once it is written. */
  static String logged(Path log, String part) throws Exception {
    List<String> found = new ArrayList<>();
    eventually(
        () ->
            Files.exists(log)
                && found.addAll(
                    Files.readAllLines(log).stream().filter(one -> one.contains(part)).toList()));
    return found.isEmpty() ? "nothing" : found.get(0);
  }

  static Future<Buffer> body(HttpClientResponse response) {
    return response.body();
  }

  static <T> T await(Future<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
