package dev.weft.routing.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.model.balance.HealthCheck;
import dev.weft.config.model.balance.HealthCheck.Probe;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.transport.EndpointProbe.Asked;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.LogLines;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetServer;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Questions to real servers on the loopback. */
final class EndpointProbeIT {

  private static final int PATIENCE_SECONDS = 20;

  private static final String CUT_ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n";

  private final Vertx vertx = Vertx.vertx();
  private final EndpointProbe probe =
      new EndpointProbe(vertx, new Unsecured(), new VertxTimers(vertx));

  @AfterEach
  void close() throws Exception {
    done(probe.close().eventually(vertx::close));
  }

  @Test
  void aStatusBelowFourHundredIsWell() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    int port =
        serve(
            request -> {
              seen.add(request.method() + " " + request.uri() + " " + request.authority().host());
              request.response().setStatusCode(request.uri().equals("/up") ? 204 : 503).end();
            });

    done(ask(port, new Probe.Http("/up", ""), false).answer());
    done(ask(port, new Probe.Http("/up", "other.test"), true).answer());

    assertThat(seen).containsExactly("GET /up b.test", "GET /up other.test");
    assertThatThrownBy(() -> done(ask(port, new Probe.Http("/down", ""), false).answer()))
        .hasRootCauseMessage("status 503");
  }

  @Test
  void anAnswerThatIsCutBehindItsStatusIsLeftWithoutAWord() throws Exception {
    NetServer cutting =
        done(
            vertx
                .createNetServer()
                .connectHandler(
                    socket -> socket.handler(asked -> socket.end(Buffer.buffer(CUT_ANSWER))))
                .listen(0, "127.0.0.1"));

    try (LogLines said = new LogLines("io.vertx.core.http.impl.HttpClientResponseImpl")) {
      for (int i = 0; i < 20; i++) {
        Asked asked = ask(cutting.actualPort(), new Probe.Http("/cut", ""), false);
        done(asked.answer());
        done(asked.over());
      }
      assertThat(said.lines()).isEmpty();
    }
  }

  @Test
  void aTcpCheckAsksForAConnectionOnly() throws Exception {
    int port = serve(request -> request.connection().close());

    done(ask(port, new Probe.Tcp(), true).answer());

    int closed = FreePorts.next();
    assertThatThrownBy(() -> done(ask(closed, new Probe.Tcp(), false).answer()))
        .hasMessageContaining("127.0.0.1:" + closed);
  }

  @Test
  void grpcAsksTheHealthService() throws Exception {
    int port =
        serve(
            request ->
                request.body().onSuccess(body -> grpc(request, body.toString().contains("up"))));

    done(ask(port, new Probe.Grpc("up"), false).answer());

    assertThatThrownBy(() -> done(ask(port, new Probe.Grpc("x"), true).answer()))
        .hasRootCauseMessage("it is not SERVING");
  }

  @Test
  void aServerThatKnowsNoSuchServiceIsNotWell() throws Exception {
    int port = serve(request -> request.response().putHeader("grpc-status", "12").end());

    assertThatThrownBy(() -> done(ask(port, new Probe.Grpc(""), false).answer()))
        .hasRootCauseMessage("status 200, gRPC status 12");
  }

  @Test
  void whoNeverAnswersIsGivenUpAndNothingIsLeft() throws Exception {
    Promise<Void> gone = Promise.promise();
    int port = serve(request -> request.connection().closeHandler(closed -> gone.complete()));

    Asked asked = ask(port, new Probe.Http("/", ""), false);

    assertThatThrownBy(() -> done(asked.answer())).hasRootCauseMessage("no answer within 300 ms");
    done(asked.over());
    done(gone.future());
  }

  @Test
  void whoNeverAcceptsIsGivenUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0)) { // takes bytes, answers none
      Asked asked = ask(silent.getLocalPort(), new Probe.Http("/", ""), false);

      assertThatThrownBy(() -> done(asked.answer())).hasRootCauseMessage("no answer within 300 ms");
      done(asked.over());
    }
  }

  private static void grpc(HttpServerRequest request, boolean serving) {
    byte status = (byte) (serving ? 1 : 2);
    request
        .response()
        .putHeader("content-type", "application/grpc")
        .putTrailer("grpc-status", "0")
        .end(Buffer.buffer(new byte[] {0, 0, 0, 0, 2, 8, status}));
  }

  private int serve(Handler<HttpServerRequest> handler) throws Exception {
    return done(vertx
            .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true))
            .requestHandler(handler)
            .listen(0, "127.0.0.1"))
        .actualPort();
  }

  private Asked ask(int port, Probe what, boolean http2) throws Exception {
    boolean elsewhere = what instanceof Probe.Tcp; // the check's port, not the endpoint's
    HealthCheck check =
        new HealthCheck(
            what,
            elsewhere ? OptionalInt.of(port) : OptionalInt.empty(),
            Duration.ofSeconds(1),
            Duration.ofMillis(patience(what)),
            1,
            1);
    Endpoint endpoint =
        new Endpoint(
            "127.0.0.1", elsewhere ? 1 : port, Map.of(), "", 1, new UpstreamTls.Plaintext());
    return done(
        Future.future(
            asked ->
                vertx.runOnContext(
                    now -> asked.complete(probe.ask(endpoint, check, "b.test", http2)))));
  }

  /** Short where no answer is meant to come. */
  private static long patience(Probe what) {
    boolean none = what instanceof Probe.Http http && http.path().equals("/");
    return none ? 300 : TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS);
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
