package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.process.Proxy;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.verticle.Listening;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.HostAndPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A gateway over real sockets: real backends, real clients, a real folder. */
final class GatewayIT {

  private static final int PATIENCE_SECONDS = 15;
  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private Proxy proxy;
  private int port;

  /** The flags of a proxy without the command around them. */
  @Command
  private static final class Flags {
    @Mixin private ProxyOptions options = new ProxyOptions();
  }

  @BeforeEach
  void freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
  }

  @AfterEach
  void stop() throws Exception {
    if (proxy != null) {
      await(proxy.stop());
    }
    await(vertx.close());
  }

  @Test
  void aRequestAndItsBodyGoThroughWhole() throws Exception {
    int backend =
        backend(request -> request.body().onSuccess(body -> request.response().end(body)));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));
    Buffer sent = Buffer.buffer(new byte[8 * MEBIBYTE]);

    Buffer received =
        await(request(HttpVersion.HTTP_1_1, HttpMethod.POST, "/", sent).compose(GatewayIT::body));

    assertThat(received.length()).isEqualTo(sent.length());
  }

  @Test
  void http2OnBothSidesKeepsTrailers() throws Exception {
    int backend =
        backend(
            request -> {
              request.response().putTrailer("grpc-status", "0");
              request.response().putHeader("content-type", "application/grpc");
              request.response().write(Buffer.buffer("hello"));
              request.response().end();
            });
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));

    HttpClientResponse response =
        await(
            request(HttpVersion.HTTP_2, HttpMethod.POST, "/", Buffer.buffer("x"))
                .compose(answer -> answer.body().map(answer)));

    assertThat(response.version()).isEqualTo(HttpVersion.HTTP_2);
    assertThat(response.getTrailer("grpc-status")).isEqualTo("0");
  }

  @Test
  void aWebSocketPassesBothWays() throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .webSocketHandler(
                socket ->
                    socket.textMessageHandler(text -> socket.writeTextMessage("re: " + text)));
    int backend = await(server.listen(0, "127.0.0.1")).actualPort();
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));
    Promise<String> answer = Promise.promise();

    await(
        vertx
            .createWebSocketClient()
            .connect(
                new WebSocketConnectOptions()
                    .setHost("127.0.0.1")
                    .setPort(port)
                    .setURI("/chat")
                    .addHeader("host", "shop.test"))
            .onSuccess(
                socket -> {
                  socket.textMessageHandler(answer::tryComplete);
                  socket.writeTextMessage("hello");
                }));

    assertThat(await(answer.future())).isEqualTo("re: hello");
  }

  @Test
  void anEditOfTheWeightsTakesEffectAndABrokenOneDoesNot() throws Exception {
    int first = backend(request -> request.response().end("v1"));
    int second = backend(request -> request.response().end("v2"));
    gateway(weights(100, 0), entry(first, second));
    assertThat(text("/")).isEqualTo("v1");

    write("rules.yaml", weights(0, 100));
    assertThat(eventually("v2")).isTrue();
    write("rules.yaml", weights(100, -5));
    write("other.yaml", "# a change that is told after the broken one\n");

    assertThat(text("/")).isEqualTo("v2");
  }

  @Test
  void withOneOfTwoEndpointsDeadEveryGetSucceeds() throws Exception {
    int alive = backend(request -> request.response().end("alive"));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(alive, port));

    for (int i = 0; i < 50; i++) {
      assertThat(text("/")).isEqualTo("alive");
    }
  }

  @Test
  void aPostIsNotRepeatedOnceItWasDelivered() throws Exception {
    AtomicInteger delivered = new AtomicInteger();
    int backend =
        backend(
            request ->
                request.bodyHandler(
                    body -> {
                      delivered.incrementAndGet();
                      request.connection().close();
                    }));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));

    HttpClientResponse response =
        await(request(HttpVersion.HTTP_1_1, HttpMethod.POST, "/", Buffer.buffer("once")));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.getHeader("proxy-status")).isEqualTo("weft; error=connection_terminated");
    assertThat(delivered).hasValue(1);
  }

  @Test
  void aTimeoutAnswersWithItsCauseAndCancelsTheUpstream() throws Exception {
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    int backend =
        backend(request -> request.connection().closeHandler(closed -> cancelled.complete(true)));
    gateway(
        rules("{timeout: 200ms, route: [{destination: {host: backend.test}}]}"), entry(backend));

    HttpClientResponse response =
        await(request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Buffer.buffer()));

    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(response.getHeader("proxy-status")).isEqualTo("weft; error=http_response_timeout");
    assertThat(cancelled.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aCallerThatLeavesCancelsTheUpstream() throws Exception {
    CompletableFuture<Boolean> arrived = new CompletableFuture<>();
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    int backend =
        backend(
            request -> {
              request.connection().closeHandler(closed -> cancelled.complete(true));
              arrived.complete(true);
            });
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));
    HttpClient client = vertx.createHttpClient();

    Future<HttpClientResponse> abandoned = request(client, HttpMethod.GET, "/", Buffer.buffer());
    arrived.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    await(client.close());

    assertThat(cancelled.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(abandoned.failed()).isTrue();
  }

  @Test
  void aCutBodyIsSeenToBeCut() throws Exception {
    int backend =
        backend(
            request -> {
              request.response().putHeader("content-length", "1000");
              request
                  .response()
                  .write("only this")
                  .onComplete(sent -> request.connection().close());
            });
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));

    Future<Buffer> body =
        request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Buffer.buffer())
            .compose(GatewayIT::body);

    await(body.transform(end -> Future.succeededFuture()));
    assertThat(body.failed()).isTrue();
  }

  @Test
  void whatACallerSaysOfItselfIsReplaced() throws Exception {
    int backend =
        backend(
            request ->
                request
                    .response()
                    .end(
                        request.getHeader("x-forwarded-for")
                            + " "
                            + request.getHeader("x-forwarded-client-cert")
                            + " "
                            + request.getHeader("x-weft-peer")));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));
    RequestOptions forged =
        options(HttpMethod.GET, "/")
            .addHeader("x-forwarded-for", "10.0.0.1")
            .addHeader("x-forwarded-client-cert", "URI=spiffe://cluster.local/ns/a/sa/b")
            .addHeader("x-weft-peer", "admin");

    Buffer seen =
        await(
            vertx
                .createHttpClient()
                .request(forged)
                .compose(request -> request.send())
                .compose(GatewayIT::body));

    assertThat(seen.toString()).isEqualTo("127.0.0.1 null null");
  }

  @Test
  void anInjectedFaultAnswersByItself() throws Exception {
    gateway(
        rules(
            "{fault: {abort: {httpStatus: 418, percentage: {value: 100}}},"
                + " route: [{destination: {host: backend.test}}]}"),
        entry(port));

    assertThat(
            await(request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Buffer.buffer())).statusCode())
        .isEqualTo(418);
  }

  @Test
  void aHostWithoutRulesIsToldAsSuch() throws Exception {
    gateway(rules("{route: [{destination: {host: nowhere.test}}]}"));

    HttpClientResponse dangling =
        await(request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Buffer.buffer()));
    HttpClientResponse unknown =
        await(
            vertx
                .createHttpClient()
                .request(options(HttpMethod.GET, "/").putHeader("host", "unknown.test"))
                .compose(request -> request.send()));

    assertThat(dangling.statusCode()).isEqualTo(503);
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.getHeader("proxy-status")).isEqualTo("weft; error=destination_not_found");
  }

  // --- machinery ---------------------------------------------------------------------------------

  private interface Answer {
    void to(HttpServerRequest request);
  }

  private int backend(Answer answer) throws Exception {
    HttpServerOptions options = new HttpServerOptions().setHttp2ClearTextEnabled(true);
    HttpServer server = vertx.createHttpServer(options).requestHandler(answer::to);
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  private void gateway(String... documents) throws Exception {
    for (int i = 0; i < documents.length; i++) {
      write(i == 0 ? "rules.yaml" : "entry" + i + ".yaml", documents[i]);
    }
    Flags flags = new Flags();
    new CommandLine(flags)
        .parseArgs(
            "--config",
            "dir:" + folder,
            "--admin",
            "127.0.0.1:0",
            "--access-log",
            "off",
            "--threads",
            "1");
    Plan plan = new Plan(Map.of(), true, false);
    proxy = new Proxy(flags.options, plan, (snapshot, self) -> List.of(listening(self)));
    await(proxy.start());
  }

  private Listening listening(Proxy self) {
    return new Listening(
        "--listen",
        ListenerSettings.of("127.0.0.1", port, Role.EDGE),
        ServerTls.NONE,
        self.store().service(Snapshot::mesh));
  }

  private void write(String name, String text) throws IOException {
    Path draft = folder.resolve("." + name);
    Files.writeString(draft, text);
    Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String rules(String rule) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: rules}
        spec: {hosts: [shop.test], http: [%s]}
        """
        .formatted(rule);
  }

  private static String weights(int first, int second) {
    return rules(
        "{route: [{destination: {host: backend.test, subset: v1}, weight: %d},".formatted(first)
            + " {destination: {host: backend.test, subset: v2}, weight: %d}]}".formatted(second));
  }

  private static String entry(int... ports) {
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

  private RequestOptions options(HttpMethod method, String uri) {
    return new RequestOptions()
        .setMethod(method)
        .setHost("127.0.0.1")
        .setPort(port)
        .setURI(uri)
        .putHeader("host", "shop.test");
  }

  private Future<HttpClientResponse> request(
      HttpVersion version, HttpMethod method, String uri, Buffer body) {
    HttpClientOptions options =
        new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false);
    return request(vertx.createHttpClient(options), method, uri, body);
  }

  private Future<HttpClientResponse> request(
      HttpClient client, HttpMethod method, String uri, Buffer body) {
    RequestOptions options = options(method, uri);
    return client
        .request(options)
        .compose(
            request -> {
              request.authority(HostAndPort.create("shop.test", 80));
              return body.length() == 0 ? request.send() : request.send(body);
            });
  }

  private String text(String uri) throws Exception {
    return await(
            request(HttpVersion.HTTP_1_1, HttpMethod.GET, uri, Buffer.buffer())
                .compose(GatewayIT::body))
        .toString();
  }

  private boolean eventually(String wanted) throws Exception {
    for (int i = 0; i < 2000; i++) {
      if (text("/").equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  private static Future<Buffer> body(HttpClientResponse response) {
    return response.body();
  }

  private static <T> T await(Future<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
