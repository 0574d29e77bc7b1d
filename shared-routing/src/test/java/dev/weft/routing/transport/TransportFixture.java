package dev.weft.routing.transport;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ConnectionPool;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestBody;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.NoBody;
import dev.weft.routing.resilience.ConnectionLimits;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the tests of upstream connections stand on: a client on a loop of its own, and backends. */
abstract class TransportFixture {

  static final int PATIENCE_SECONDS = 15;
  static final ClusterName CLUSTER = ClusterName.outbound("b.test", 80, "");

  final Vertx vertx =
      Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
  final Context context = vertx.getOrCreateContext();
  final ConnectionLimits limits = new ConnectionLimits();
  final Ticker ticker = ticker();
  PooledUpstreamClient client;
  Loop loop;

  /** An answer that was read to its end. */
  record Answer(int status, MultiMap headers, Buffer body, MultiMap trailers) {}

  @BeforeEach
  void start() throws Exception {
    loop = new Loop(0, new VertxTimers(vertx), ticker);
    client =
        onLoop(
            () ->
                Future.succeededFuture(
                    new PooledUpstreamClient(vertx, credentials(), limits, loop)));
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  /** The system's, unless a test turns it by hand. */
  Ticker ticker() {
    return new SystemTicker();
  }

  /** None, unless a test of TLS says otherwise. */
  UpstreamCredentials credentials() {
    return new Unsecured();
  }

  // --- waiting

  static <T> T await(Future<T> future) throws Exception {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | CompletionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    } catch (TimeoutException e) {
      throw new AssertionError("nothing came within " + PATIENCE_SECONDS + " s", e);
    }
  }

  <T> T onLoop(Supplier<Future<T>> work) throws Exception {
    return await(begin(work));
  }

  /** As {@link #onLoop}, without waiting. */
  <T> Future<T> begin(Supplier<Future<T>> work) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        now -> {
          try {
            work.get().onComplete(promise);
          } catch (RuntimeException | AssertionError e) {
            promise.fail(e);
          }
        });
    return promise.future();
  }

  /** Waits until it holds, looking again each time the loop is free. */
  void until(Supplier<Boolean> holds) throws Exception {
    Promise<Void> promise = Promise.promise();
    look(holds, promise);
    await(promise.future());
  }

  private void look(Supplier<Boolean> holds, Promise<Void> promise) {
    context.runOnContext(
        now -> {
          if (holds.get()) {
            promise.complete();
          } else {
            vertx.setTimer(2, later -> look(holds, promise));
          }
        });
  }

  // --- backends

  int backend(Handler<HttpServerRequest> handler) throws Exception {
    return backend(new HttpServerOptions(), handler);
  }

  int backend(HttpServerOptions options, Handler<HttpServerRequest> handler) throws Exception {
    return await(vertx.createHttpServer(options).requestHandler(handler).listen(0, "127.0.0.1"))
        .actualPort();
  }

  /** A backend that speaks for itself. */
  int raw(Handler<NetSocket> handler) throws Exception {
    NetServer server = vertx.createNetServer().connectHandler(handler);
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  /** A backend that answers every request with the same bytes. */
  int answering(String bytes) throws Exception {
    return raw(socket -> socket.handler(request -> socket.write(bytes)));
  }

  static Endpoint endpoint(int port) {
    return endpoint(port, new UpstreamTls.Plaintext());
  }

  static Endpoint endpoint(int port, UpstreamTls tls) {
    return new Endpoint("127.0.0.1", port, Map.of(), "", 1, tls);
  }

  // --- what is sent

  static UpstreamSettings settings(HttpChoice http) {
    return settings(http, ConnectionPool.DEFAULT);
  }

  static UpstreamSettings settings(HttpChoice http, ConnectionPool pool) {
    TrafficPolicy none = TrafficPolicy.NONE;
    return new UpstreamSettings(
        CLUSTER,
        new TrafficPolicy(
            none.loadBalancer(),
            Optional.of(pool),
            none.outlierDetection(),
            none.tls(),
            none.retryBudget(),
            none.portLevel()),
        http);
  }

  /** Limits of a pool, the rest as by default. */
  static ConnectionPool pool(int connections, int pending, int requests, int streams) {
    ConnectionPool none = ConnectionPool.DEFAULT;
    return new ConnectionPool(
        some(connections),
        Duration.ofSeconds(5),
        none.maxConnectionDuration(),
        none.tcpIdleTimeout(),
        some(pending),
        none.maxRequests(),
        none.maxRetries(),
        some(requests),
        none.httpIdleTimeout(),
        none.h2Upgrade(),
        none.useClientProtocol(),
        some(streams));
  }

  private static OptionalInt some(int number) {
    return number == 0 ? OptionalInt.empty() : OptionalInt.of(number);
  }

  /** Times of a pool, the rest as by default. */
  static ConnectionPool pool(Duration connect, Duration idle, Duration life) {
    ConnectionPool none = ConnectionPool.DEFAULT;
    return new ConnectionPool(
        OptionalInt.of(1),
        connect,
        life.isZero() ? Optional.empty() : Optional.of(life),
        none.tcpIdleTimeout(),
        none.maxPendingRequests(),
        none.maxRequests(),
        none.maxRetries(),
        none.maxRequestsPerConnection(),
        idle,
        none.h2Upgrade(),
        none.useClientProtocol(),
        none.maxConcurrentStreams());
  }

  Exchange get(String target) {
    return exchange("GET", target, HttpVersion.HTTP_1_1, new NoBody());
  }

  Exchange post(RequestBody body) {
    Exchange exchange = exchange("POST", "/", HttpVersion.HTTP_1_1, body);
    body.length()
        .ifPresent(
            length ->
                exchange
                    .request()
                    .headers()
                    .set(HttpHeaders.CONTENT_LENGTH, Long.toString(length)));
    return exchange;
  }

  Exchange exchange(String method, String target, HttpVersion version, RequestBody body) {
    return exchange(method, target, version, false, body);
  }

  Exchange exchange(
      String method, String target, HttpVersion version, boolean upgrade, RequestBody body) {
    RequestHead head = new RequestHead(method, "http", "b.test", target, "", HttpHeaders.headers());
    Request request = new Request(head, version, upgrade, body, HttpHeaders.headers());
    return new Exchange(request, Caller.anonymous("192.0.2.1", 4711, 80, false), loop, 42);
  }

  /** Sends and gives the answer's head; its body waits. */
  Future<Response> send(Exchange exchange, UpstreamSettings settings, Endpoint endpoint) {
    return client.send(exchange, settings, endpoint, reset -> {});
  }

  /** Sends and reads the answer to its end. */
  Future<Answer> exchanged(Exchange exchange, UpstreamSettings settings, Endpoint endpoint) {
    return begin(() -> send(exchange, settings, endpoint).compose(TransportFixture::read));
  }

  Answer answer(Exchange exchange, UpstreamSettings settings, int port) throws Exception {
    return await(exchanged(exchange, settings, endpoint(port)));
  }

  static Future<Answer> read(Response response) {
    Buffer body = Buffer.buffer();
    response.body().handler(body::appendBuffer);
    response.body().resume();
    return response
        .ended()
        .map(end -> new Answer(response.status(), response.headers(), body, response.trailers()));
  }

  /** Why an attempt failed; fails itself where it did not. */
  ProxyFailure failure(Future<?> outcome) throws Exception {
    return await(
            outcome
                .map(got -> Optional.<ProxyFailure>empty())
                .recover(cause -> Future.succeededFuture(Optional.of((ProxyFailure) cause))))
        .orElseThrow(() -> new AssertionError("it succeeded with " + outcome.result()));
  }
}
