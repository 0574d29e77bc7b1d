package dev.weft.control.stream;

import static dev.weft.control.MeshServer.done;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import dev.weft.control.issue.JsonErrors;
import dev.weft.routing.discovery.ControlAddresses;
import dev.weft.routing.discovery.ControlStream;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.ControlClient;
import dev.weft.routing.identity.join.ControlPlaneIdentity;
import dev.weft.routing.identity.join.JoinFiles;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.LogLines;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How proxies and what asks for certificates speak with a control plane. */
@Timeout(60)
final class ControlHttp2IT extends StreamFixture {

  private static final int PARTS = 12; // of 900,000 bytes each

  private final BlockingQueue<HttpServerRequest> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<HttpServerResponse> streams = new LinkedBlockingQueue<>();
  private final BlockingQueue<MeshConfig> applied = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Function<MeshConfig, Future<Void>> apply = next -> Future.succeededFuture();

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private void answer(HttpServerRequest request) {
    asked.add(request);
    if (request.path().equals("/v1/config")) {
      HttpServerResponse response = request.response().setChunked(true);
      response.write("{}\n");
      streams.add(response);
    } else {
      request.body().onSuccess(body -> request.response().setStatusCode(204).end());
    }
  }

  @Test
  void theStreamAndItsAcknowledgementsAreOneConnectionOfHttp2() throws Exception {
    stream(server(this::answer).actualPort(), true);
    next(streams).write(line(1, config(rule("a", "one"))));

    HttpServerRequest stream = next(asked);
    HttpServerRequest acknowledged = next(asked);

    assertThat(stream.version()).isEqualTo(HttpVersion.HTTP_2);
    assertThat(acknowledged.path()).isEqualTo("/v1/config/acknowledged");
    assertThat(acknowledged.version()).isEqualTo(HttpVersion.HTTP_2);
    assertThat(acknowledged.connection()).isSameAs(stream.connection());
  }

  @Test
  void certificatesAreAskedForOverHttp2() throws Exception {
    Router router = JsonErrors.router(vertx);
    router.route().handler(context -> answer(context.request()));
    Path token = Files.writeString(folder.resolve("token"), "head.claims.signature");
    Path roots = folder.resolve("roots");
    Files.writeString(roots, Pem.certificates(authority.roots()));
    ControlPlaneIdentity joining =
        new ControlPlaneIdentity(
            vertx,
            new ControlPlaneIdentity.Address("127.0.0.1", server(router).actualPort(), MESH),
            new JoinFiles(Optional.of(token), Optional.of(roots)),
            Optional.empty(),
            new IdentityStore(),
            ControlPlaneIdentity.Turns.of(vertx, ticker));
    open.add(joining::close);

    joining.start();

    assertThat(next(asked).version()).isEqualTo(HttpVersion.HTTP_2);
  }

  @Test
  void aLargeConfigurationWaitsWhileTheOneBeforeItIsTaken() throws Exception {
    Promise<Void> serves = Promise.promise();
    MeshConfig large =
        config(
            IntStream.range(0, PARTS)
                .mapToObj(i -> rule("large-" + i, "two".repeat(300_000)))
                .toArray(String[]::new));
    apply = next -> serves.future();
    stream(server(this::answer).actualPort(), true);
    HttpServerResponse response = next(streams);
    response.write(line(1, MeshConfig.EMPTY));
    next(applied);

    Future<Void> sent = response.write(line(2, large));
    HttpConnection connection = next(asked).connection();
    done(connection.ping(Buffer.buffer(new byte[8]))); // behind what the window lets through
    assertThat(sent.isComplete()).isFalse();
    serves.complete();

    assertThat(next(applied)).isEqualTo(large);
    done(sent);
  }

  @Test
  void aControlPlaneOfHttp1AloneIsToldSo() throws Exception {
    int port = serverOfHttp1();
    try (LogLines log = new LogLines(ControlStream.class)) {
      stream(port, true);

      assertThat(line(log))
          .isEqualTo(
              "control plane 127.0.0.1:%d: it does not speak HTTP/2 (expected: h2, agreed on by"
                      .formatted(port)
                  + " ALPN); what serves goes on");
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void whereNothingServesYetNothingGoesOn() throws Exception {
    int port = FreePorts.next();
    try (LogLines log = new LogLines(ControlStream.class)) {
      stream(port, false);

      assertThat(line(log))
          .startsWith("control plane 127.0.0.1:" + port + ": ")
          .containsIgnoringCase("connection refused")
          .endsWith("; nothing serves until it answers")
          .doesNotContain("null");
    }
  }

  @Test
  void aStreamWithoutASignOfLifeIsClosed() throws Exception {
    ControlClient client = new ControlClient(vertx, Duration.ofSeconds(5), Duration.ofMillis(500));
    open.add(client);
    int port = server(this::answer).actualPort();
    WorkloadIdentity own = workload("prod", "search");
    HttpClientConnection connection =
        done(
            client.connect(
                SocketAddress.inetSocketAddress(port, "127.0.0.1"),
                "control",
                MeshTls.toControl(own, ticker)));
    Promise<Void> closed = Promise.promise();
    connection.closeHandler(closed::complete);

    Future<?> body =
        connection
            .request(new RequestOptions().setMethod(HttpMethod.GET).setURI("/v1/config"))
            .compose(request -> request.send())
            .compose(HttpClientResponse::body);

    done(closed.future());
    assertThatThrownBy(() -> done(body)).hasMessageContaining("closed");
  }

  private void stream(int port, boolean serves) throws Exception {
    WorkloadIdentity own = workload("prod", "search");
    ControlStream stream =
        new ControlStream(
            vertx,
            ControlAddresses.of(vertx, "127.0.0.1", port),
            () -> Optional.of(MeshTls.toControl(own, ticker)),
            trust -> {},
            new ControlStream.Own(
                next -> {
                  applied.add(next);
                  return apply.apply(next);
                },
                () -> serves,
                () -> Standing.NONE));
    open.add(stream);
    stream.start();
  }

  private int serverOfHttp1() throws Exception {
    ServerSSLOptions tls = MeshTls.control(authority.own(SpiffeId.control(MESH)), ticker);
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .setSsl(true)
            .setKeyCertOptions(tls.getKeyCertOptions())
            .setTrustOptions(tls.getTrustOptions());
    HttpServer server = vertx.createHttpServer(options).requestHandler(this::answer);
    return done(server.listen()).actualPort();
  }

  private static <T> T next(BlockingQueue<T> queue) throws Exception {
    T next = queue.poll(20, SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  private String line(LogLines log) throws Exception {
    Promise<String> first = Promise.promise();
    vertx.setPeriodic(10, look -> log.lines().stream().findFirst().ifPresent(first::tryComplete));
    return done(first.future());
  }

  private static String line(long version, MeshConfig set) {
    JsonObject resources = new JsonObject();
    ConfigCodec.write(set).forEach(resources::put);
    return new JsonObject()
            .put("version", version)
            .put("set", resources)
            .put("remove", new JsonArray())
            .encode()
        + "\n";
  }
}
