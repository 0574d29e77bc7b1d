package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A gateway over real sockets: real backends, real clients, a real folder. */
final class GatewayIT extends GatewayFixture {

  private static final int MEBIBYTE = 1 << 20;

  @Test
  void aRequestAndItsBodyGoThroughWhole() throws Exception {
    int backend =
        backend(request -> request.body().onSuccess(body -> request.response().end(body)));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));
    Buffer sent = Buffer.buffer(new byte[8 * MEBIBYTE]);

    Buffer received =
        await(
            request(HttpVersion.HTTP_1_1, HttpMethod.POST, "/", sent)
                .compose(GatewayFixture::body));

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
    String speaksHttp2 = entry(backend).replace("name: http}", "name: http, protocol: HTTP2}");
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), speaksHttp2);

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
        kept(vertx.createWebSocketClient())
            .connect(
                new WebSocketConnectOptions()
                    .setHost("127.0.0.1")
                    .setPort(port)
                    .setURI("/chat")
                    .addHeader("host", "shop.test"))
            .onSuccess(
                socket -> {
                  socket.textMessageHandler(
                      text -> {
                        answer.tryComplete(text);
                        socket.close();
                      });
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
  void aRuleWhoseTargetIsMissingKeepsItsLastOneForAWhile() throws Exception {
    int backend = backend(request -> request.response().end("here"));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));
    assertThat(text("/")).isEqualTo("here");

    write(
        "rules.yaml",
        rules(
            "{route: [{destination: {host: nowhere.test}}], headers: {response: {set: {x-v: '2'}}}}"));
    boolean kept = false;
    HttpClientResponse answer;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
    do {
      answer = await(request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Buffer.buffer()));
      kept |= answer.statusCode() == 200 && answer.headers().contains("x-v");
    } while (answer.statusCode() == 200 && System.nanoTime() < end);

    assertThat(kept).as("the new rule led to the old target").isTrue();
    assertThat(answer.statusCode()).isEqualTo(503);
  }

  @Test
  void whatServedLastServesAfterARestartIntoABrokenFolder() throws Exception {
    int backend = backend(request -> request.response().end("here"));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));
    assertThat(text("/")).isEqualTo("here");

    write("rules.yaml", weights(100, -5));
    restart();

    assertThat(text("/")).isEqualTo("here");
    try (Stream<Path> files = Files.list(state)) {
      for (Path file : files.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(file.toString())
            .isEqualTo("rw-------");
      }
    }
  }

  @Test
  void withOneOfTwoEndpointsDeadEveryGetSucceeds() throws Exception {
    int alive = backend(request -> request.response().end("alive"));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(alive, 1));

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
    assertThat(response.getHeader("proxy-status"))
        .isEqualTo("weft; error=connection_terminated; cause=upstream_reset");
    assertThat(delivered).hasValue(1);
  }

  @Test
  void aTimeoutAnswersWithItsCauseAndCancelsTheUpstream() throws Exception {
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    int backend =
        backend(request -> request.connection().closeHandler(closed -> cancelled.complete(true)));
    gateway(rules("{timeout: 2s, route: [{destination: {host: backend.test}}]}"), entry(backend));

    HttpClientResponse response =
        await(request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Buffer.buffer()));

    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(response.getHeader("proxy-status"))
        .isEqualTo("weft; error=http_response_timeout; cause=upstream_timeout");
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
    HttpClient client = client(new HttpClientOptions());

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
            .compose(GatewayFixture::body);

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
            client(new HttpClientOptions())
                .request(forged)
                .compose(Requests::sent)
                .compose(GatewayFixture::body));

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
            client(new HttpClientOptions())
                .request(options(HttpMethod.GET, "/").putHeader("host", "unknown.test"))
                .compose(Requests::sent));

    assertThat(dangling.statusCode()).isEqualTo(503);
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.getHeader("proxy-status"))
        .isEqualTo("weft; error=destination_not_found; cause=no_route");
  }

  @Test
  void anEndpointIsFoundByItsName() throws Exception {
    int backend = backend(request -> request.response().end("found"));
    String named = entry(backend).replace("STATIC", "DNS").replace("127.0.0.1", "localhost");
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), named);

    assertThat(eventually("found")).isTrue();
  }
}
