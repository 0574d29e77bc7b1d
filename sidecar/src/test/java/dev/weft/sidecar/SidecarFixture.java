package dev.weft.sidecar;

import dev.weft.routing.process.Proxy;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.process.flags.Given;
import dev.weft.testkit.Requests;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What the sidecar's tests stand on: sidecars with identities of a folder, an application. */
abstract class SidecarFixture {

  static final String SEARCH = "spiffe://cluster.local/ns/default/sa/search";
  static final String CALLER = "spiffe://cluster.local/ns/default/sa/caller";
  static final int PATIENCE_SECONDS = 20;

  String accessLog = "off"; // of all that start from then on
  @TempDir Path folder;

  final TestCertificates mesh = new TestCertificates(Instant.now());
  final TestCertificates foreign = new TestCertificates(Instant.now());
  final Vertx vertx = Vertx.vertx();
  private final List<Proxy> proxies = new ArrayList<>();
  private final List<Object> kept = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    stopSidecars();
    await(vertx.close());
  }

  void stopSidecars() throws Exception {
    for (Proxy proxy : proxies) {
      await(proxy.stop());
    }
    proxies.clear();
  }

  /** An application that tells who called, as its sidecar says. */
  int application() throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(
                request ->
                    request
                        .response()
                        .end(
                            Optional.ofNullable(request.getHeader("x-forwarded-client-cert"))
                                .orElse("nobody")));
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  /** A configuration of its own, which may be empty. */
  Path config(String name, String... documents) throws IOException {
    Path config = Files.createDirectories(folder.resolve(name));
    Files.writeString(config.resolve("all.yaml"), String.join("\n---\n", documents));
    return config;
  }

  static void replace(Path file, String text) throws IOException {
    Path draft = file.resolveSibling("." + file.getFileName());
    Files.writeString(draft, text);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  Path identity(String name, Leaf leaf) throws IOException {
    Path identity = folder.resolve(name);
    leaf.write(identity);
    return identity;
  }

  /**
   * A sidecar with these flags and an admin port.
   *
   * @param admin its port
   */
  Future<Void> sidecar(int admin, String... flags) {
    List<String> line = line(admin, flags);
    return started(new Main(Given.of(Main.manual().flags(), line, Map.of())).proxy());
  }

  /**
   * An ingress whose ports are those of its Gateway resources.
   *
   * @param admin its port
   */
  Future<Void> edge(int admin, String... flags) {
    return started(EdgeMain.proxy(Given.of(ProxyOptions.FLAGS, line(admin, flags), Map.of())));
  }

  private List<String> line(int admin, String... flags) {
    List<String> line =
        new ArrayList<>(List.of("--threads", "1", "--access-log", accessLog, "--admin"));
    line.add("127.0.0.1:" + admin);
    line.addAll(List.of(flags));
    return line;
  }

  private Future<Void> started(Proxy proxy) {
    proxies.add(proxy);
    return proxy.start();
  }

  String admin(int port, String path) throws Exception {
    return await(
        agent(new HttpClientOptions())
            .request(HttpMethod.GET, port, "127.0.0.1", path)
            .compose(Requests::sent)
            .compose(response -> response.body().map(body -> response.statusCode() + " " + body)));
  }

  /** Refused connections of one reason. */
  long refused(int admin, String reason) throws Exception {
    String start = "weft_refusals_total{reason=\"" + reason + "\"} ";
    return admin(admin, "/metrics")
        .lines()
        .filter(line -> line.startsWith(start))
        .map(line -> Double.valueOf(line.substring(start.length())).longValue())
        .findFirst()
        .orElse(-1L);
  }

  HttpClientAgent agent(HttpClientOptions options) {
    return agent(options, new PoolOptions());
  }

  HttpClientAgent agent(HttpClientOptions options, PoolOptions pool) {
    HttpClientAgent agent = vertx.httpClientBuilder().with(options).with(pool).build();
    kept.add(agent); // Vert.x closes a client that nobody refers to
    return agent;
  }

  static HttpClientOptions plaintext() {
    return new HttpClientOptions();
  }

  /** Shows {@code leaf}, and trusts this test's mesh. */
  HttpClientOptions showing(Leaf leaf) {
    return trusting().setKeyCertOptions(pem(leaf));
  }

  static PemKeyCertOptions pem(Leaf leaf) {
    return new PemKeyCertOptions()
        .addCertValue(Buffer.buffer(leaf.certificate()))
        .addKeyValue(Buffer.buffer(leaf.key()));
  }

  /** Of this test's mesh. */
  PemTrustOptions roots() {
    return new PemTrustOptions().addCertValue(Buffer.buffer(mesh.rootPem()));
  }

  HttpClientOptions trusting() {
    return new HttpClientOptions()
        .setSsl(true)
        .setVerifyHost(false) // SPIFFE certificates name no host
        .setTrustOptions(roots());
  }

  Future<HttpClientConnection> connected(HttpClientOptions options, int port) {
    return agent(options)
        .connect(
            new HttpConnectOptions().setHost("127.0.0.1").setPort(port).setSsl(options.isSsl()));
  }

  static Future<String> ask(HttpClientConnection connection) {
    return connection
        .request(new RequestOptions().setMethod(HttpMethod.GET).setURI("/"))
        .compose(Requests::sent)
        .compose(response -> response.body().map(body -> response.statusCode() + " " + body));
  }

  /** What a caller gets who connects so; {@code refused} where that is no answer at all. */
  String answer(HttpClientOptions options, int port) throws Exception {
    return await(
        connected(options, port).compose(SidecarFixture::ask).otherwise(failed -> "refused"));
  }

  static <T> T await(Future<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
