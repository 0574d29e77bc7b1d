package dev.weft.routing.listener;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.listener.ListenerSettings.Role;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;

/** What the tests of a listener stand on: one on a loop of its own, before a service of a test. */
abstract class ListenerFixture {

  static final Duration LONG = Duration.ofMinutes(1);

  final Vertx vertx;
  final Context context;
  final Ticker ticker = new SystemTicker();
  final Refusals refusals = new Refusals(ticker);
  private Listener listener;

  ListenerFixture() {
    this(false);
  }

  /**
   * @param ofTheSystem over sockets as this system offers them (epoll), as the proxies do
   */
  ListenerFixture(boolean ofTheSystem) {
    vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(ofTheSystem));
    context = vertx.getOrCreateContext();
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  /**
   * Times of a listener, the rest as by default.
   *
   * @param idle of a connection
   * @param head of one request
   * @param body that is waited for
   * @param stream altogether
   */
  record Times(Duration idle, Duration head, Duration body, Duration stream) {
    static final Times LONG_ONES = new Times(LONG, LONG, LONG, LONG);

    ListenerSettings settings(Role role) {
      ListenerSettings usual = ListenerSettings.of("127.0.0.1", 0, role);
      return new ListenerSettings(
          usual.host(),
          usual.port(),
          role,
          usual.headerBytes(),
          usual.headers(),
          usual.urlBytes(),
          usual.replayBytes(),
          usual.streamsPerConnection(),
          usual.connections(),
          usual.edge(),
          usual.path(),
          idle,
          usual.firstBytes(),
          head,
          body,
          stream,
          usual.interception(),
          usual.gate());
    }
  }

  int listening(Role role, Times times, Service service) throws Exception {
    Loop loop = new Loop(0, new VertxTimers(vertx), ticker);
    listener =
        onLoop(
            () ->
                new Listener(vertx, times.settings(role), ServerTls.NONE, service, loop, refusals)
                    .open());
    return listener.port();
  }

  int listening(Times times, Service service) throws Exception {
    return listening(Role.EDGE, times, service);
  }

  Future<Void> drain(Duration grace) {
    return begin(() -> listener.drain(grace));
  }

  /** Requests under way; asked on the listener's loop. */
  int inFlight() throws Exception {
    return onLoop(() -> Future.succeededFuture(listener.inFlight()));
  }

  static Future<Response> ok(Exchange exchange) {
    return Future.succeededFuture(new LocalResponse(200, Buffer.buffer("ok")));
  }

  /** Never answers, and ends when its exchange is cancelled. */
  static Future<Response> never(Exchange exchange) {
    Promise<Response> promise = Promise.promise();
    exchange.onCancel(promise::tryFail);
    return promise.future();
  }

  /** Waits for the body of a request, which nobody else wants, before it answers. */
  Future<Response> afterBody(Exchange exchange) {
    Promise<Response> promise = Promise.promise();
    exchange.onCancel(promise::tryFail);
    exchange.request().body().sendTo(new Drain()).onSuccess(sent -> promise.tryComplete(local()));
    return promise.future();
  }

  private static Response local() {
    return new LocalResponse(200, Buffer.buffer("ok"));
  }

  <T> T onLoop(Supplier<Future<T>> work) throws Exception {
    return await(begin(work));
  }

  <T> Future<T> begin(Supplier<Future<T>> work) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(now -> work.get().onComplete(promise));
    return promise.future();
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
  }
}
