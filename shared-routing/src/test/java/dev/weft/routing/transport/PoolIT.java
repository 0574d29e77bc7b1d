package dev.weft.routing.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The limits of a pool of connections, as a DestinationRule's {@code connectionPool} sets them. */
final class PoolIT extends TransportFixture {

  private final AtomicInteger accepted = new AtomicInteger();
  private final List<HttpServerRequest> held = new ArrayList<>(); // on the loop

  @Test
  void noMoreConnectionsThanTheLimitAndTheOthersWait() throws Exception {
    int port = holding();
    UpstreamSettings two = settings(HttpChoice.HTTP_1, pool(2, 0, 0, 0));
    Endpoint endpoint = endpoint(port);

    List<Future<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      answers.add(exchanged(get("/" + i), two, endpoint));
    }
    until(() -> held.size() == 2 && limits.waiting(CLUSTER) == 3);
    assertThat(limits.open(CLUSTER)).isEqualTo(2);
    for (int i = 0; i < 5; i++) {
      int next = i;
      until(() -> held.size() > next);
      release(next);
    }

    assertThat(await(Future.all(answers)).size()).isEqualTo(5);
    assertThat(accepted).hasValue(2);
  }

  @Test
  void whoWouldBeOneTooManyInLineIsRefusedAtOnce() throws Exception {
    int port = holding();
    UpstreamSettings tight = settings(HttpChoice.HTTP_1, pool(1, 1, 0, 0));
    Endpoint endpoint = endpoint(port);
    Future<Answer> first = exchanged(get("/1"), tight, endpoint);
    until(() -> held.size() == 1);
    Future<Answer> second = exchanged(get("/2"), tight, endpoint);
    until(() -> limits.waiting(CLUSTER) == 1);

    ProxyFailure refused = failure(exchanged(get("/3"), tight, endpoint));
    release(0);
    until(() -> held.size() == 2);
    release(1);

    assertThat(refused.reason()).isEqualTo(Cause.OVERFLOW);
    assertThat(await(first).status()).isEqualTo(200);
    assertThat(await(second).status()).isEqualTo(200);
  }

  @Test
  void whoStillWaitsWhenTheProxyEndsIsToldSoAndWhoComesLater() throws Exception {
    int port = holding();
    UpstreamSettings one = settings(HttpChoice.HTTP_1, pool(1, 0, 0, 0));
    Endpoint endpoint = endpoint(port);
    Future<Answer> first = exchanged(get("/1"), one, endpoint);
    until(() -> held.size() == 1);
    Future<Answer> second = exchanged(get("/2"), one, endpoint);
    until(() -> limits.waiting(CLUSTER) == 1);

    Future<Void> closed = begin(client::close);

    assertThat(failure(second).reason()).isEqualTo(Cause.DRAINING);
    assertThat(failure(exchanged(get("/3"), one, endpoint)).reason()).isEqualTo(Cause.DRAINING);
    await(closed.otherwiseEmpty());
    assertThat(failure(first).reason()).as("cut").isNotEqualTo(Cause.DRAINING);
  }

  @Test
  void whicheverEndpointTheyWaitFor() throws Exception {
    UpstreamSettings tight = settings(HttpChoice.HTTP_1, pool(2, 1, 0, 0));
    Endpoint one = endpoint(holding());
    Endpoint other = endpoint(holding());
    List<Future<Answer>> answers = new ArrayList<>();
    for (Endpoint endpoint : List.of(one, other)) {
      answers.add(exchanged(get("/"), tight, endpoint));
      until(() -> held.size() == answers.size());
    }
    answers.add(exchanged(get("/"), tight, one));
    until(() -> limits.waiting(CLUSTER) == 1);

    ProxyFailure refused = failure(exchanged(get("/"), tight, other));
    release(0);
    until(() -> held.size() == 3);
    release(1);
    release(2);

    assertThat(refused.reason()).isEqualTo(Cause.OVERFLOW);
    await(Future.all(answers));
    assertThat(limits.waiting(CLUSTER)).isZero();
  }

  @Test
  void aConnectionServesItsNumberOfRequestsAndNoMore() throws Exception {
    int port = answeringAtOnce();
    UpstreamSettings three = settings(HttpChoice.HTTP_1, pool(0, 0, 3, 0));
    Endpoint endpoint = endpoint(port);

    for (int i = 0; i < 7; i++) {
      await(exchanged(get("/" + i), three, endpoint));
    }

    assertThat(accepted).hasValue(3);
  }

  @Test
  void onHttp2Too() throws Exception {
    int port = answeringAtOnce();
    UpstreamSettings three = settings(HttpChoice.HTTP_2, pool(0, 0, 3, 0));
    Endpoint endpoint = endpoint(port);

    for (int i = 0; i < 7; i++) {
      await(exchanged(get("/" + i), three, endpoint));
    }

    assertThat(accepted).hasValue(3);
  }

  @Test
  void oneConnectionOfHttp2TakesAsManyAsItMayAndAnotherTheRest() throws Exception {
    int port = holding();
    UpstreamSettings pairs = settings(HttpChoice.HTTP_2, pool(0, 0, 0, 2));
    Endpoint endpoint = endpoint(port);

    List<Future<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      answers.add(exchanged(get("/" + i), pairs, endpoint));
    }
    until(() -> held.size() == 4);
    for (int i = 0; i < 4; i++) {
      release(i);
    }

    await(Future.all(answers));
    assertThat(accepted).hasValue(2);
  }

  @Test
  void whatThePeerAllowsCountsToo() throws Exception {
    HttpServerOptions one =
        new HttpServerOptions().setInitialSettings(new Http2Settings().setMaxConcurrentStreams(1));
    int port = holding(one);
    Endpoint endpoint = endpoint(port);
    UpstreamSettings http2 = settings(HttpChoice.HTTP_2);
    Future<Answer> first = exchanged(get("/1"), http2, endpoint);
    until(() -> held.size() == 1);

    Future<Answer> second = exchanged(get("/2"), http2, endpoint);
    until(() -> held.size() == 2);
    release(0);
    release(1);

    await(Future.all(first, second));
    assertThat(accepted).as("one stream each").hasValue(2);
  }

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    int port = answeringAtOnce();
    UpstreamSettings brief =
        settings(
            HttpChoice.HTTP_1, pool(Duration.ofSeconds(5), Duration.ofMillis(50), Duration.ZERO));

    await(exchanged(get("/"), brief, endpoint(port)));

    until(() -> limits.open(CLUSTER) == 0);
  }

  @Test
  void anOldConnectionIsClosed() throws Exception {
    int port = answeringAtOnce();
    UpstreamSettings aging =
        settings(
            HttpChoice.HTTP_1,
            pool(Duration.ofSeconds(5), Duration.ofHours(1), Duration.ofMillis(50)));

    await(exchanged(get("/"), aging, endpoint(port)));

    until(() -> limits.open(CLUSTER) == 0);
  }

  @Test
  void whoeverWaitsForAConnectionWaitsNoLongerThanTheConnectTimeout() throws Exception {
    int port = holding();
    UpstreamSettings brief =
        settings(
            HttpChoice.HTTP_1,
            pool(Duration.ofMillis(200), Duration.ofHours(1), Duration.ZERO)); // one connection
    Endpoint endpoint = endpoint(port);
    Future<Answer> first = exchanged(get("/1"), brief, endpoint);
    until(() -> held.size() == 1);

    ProxyFailure late = failure(exchanged(get("/2"), brief, endpoint));
    release(0);

    assertThat(late.reason()).isEqualTo(Cause.OVERFLOW);
    assertThat(await(first).status()).isEqualTo(200);
  }

  @Test
  void aPeerThatSaysNothingInItsHandshakeIsGivenUp() throws Exception {
    Set<NetSocket> silent = ConcurrentHashMap.newKeySet();
    int port = raw(silent::add); // the settings of HTTP/2 never come
    UpstreamSettings brief =
        settings(
            HttpChoice.HTTP_2, pool(Duration.ofMillis(200), Duration.ofHours(1), Duration.ZERO));

    ProxyFailure late = failure(exchanged(get("/"), brief, endpoint(port)));

    assertThat(late.reason()).isIn(Cause.CONNECT_TIMEOUT, Cause.OVERFLOW);
    until(() -> limits.open(CLUSTER) == 0);
  }

  @Test
  void onlySoManyAreOpenedAtOnceAndAllAreServed() throws Exception {
    UpstreamSettings http1 = settings(HttpChoice.HTTP_1);
    Endpoint endpoint = endpoint(answeringAtOnce());
    List<Future<Answer>> answers = new ArrayList<>();
    Promise<Integer> opening = Promise.promise();
    context.runOnContext(
        now -> {
          for (int i = 0; i < 30; i++) {
            answers.add(send(get("/"), http1, endpoint).compose(TransportFixture::read));
          }
          opening.complete(limits.open(CLUSTER));
        });

    assertThat(await(opening.future())).isEqualTo(8);
    await(Future.all(answers));
    assertThat(answers).allMatch(answer -> answer.result().status() == 200);
  }

  @Test
  void manyThatFindNobodyThereAreAllTold() throws Exception {
    List<Future<ProxyFailure>> failures = new ArrayList<>();
    Endpoint nobody = endpoint(1);
    for (int i = 0; i < 30; i++) {
      failures.add(
          exchanged(get("/"), settings(HttpChoice.HTTP_1), nobody)
              .transform(answer -> Future.succeededFuture((ProxyFailure) answer.cause())));
    }

    await(Future.all(failures));

    assertThat(failures).allMatch(one -> one.result().reason() == Cause.CONNECT_REFUSED);
    assertThat(limits.open(CLUSTER)).isZero();
  }

  @Test
  void nobodyThereIsToldAtOnceAndCountsNothing() throws Exception {
    ProxyFailure refused = failure(exchanged(get("/"), settings(HttpChoice.HTTP_1), endpoint(1)));

    assertThat(refused.reason()).isEqualTo(Cause.CONNECT_REFUSED);
    assertThat(limits.open(CLUSTER)).isZero();
  }

  @Test
  void aConnectionThatSaidGoAwayTakesNoMore() throws Exception {
    int port = holding();
    UpstreamSettings http2 = settings(HttpChoice.HTTP_2);
    Endpoint endpoint = endpoint(port);
    Future<Answer> first = exchanged(get("/1"), http2, endpoint);
    until(() -> held.size() == 1);

    await(begin(() -> heardFarewell(held.get(0).connection())));
    Future<Answer> second = exchanged(get("/2"), http2, endpoint);
    until(() -> held.size() == 2);
    release(0);
    release(1);

    assertThat(await(first).status()).as("what it had taken it finishes").isEqualTo(200);
    assertThat(await(second).status()).isEqualTo(200);
    assertThat(accepted).hasValue(2);
  }

  /** Done once the other end knows of it, which has answered to what was said after it. */
  private static Future<Buffer> heardFarewell(HttpConnection connection) {
    connection.goAway(0);
    return connection.ping(Buffer.buffer(new byte[Long.BYTES]));
  }

  /** Its loop hears of that a moment later; a request that went out meanwhile would be lost. */
  @ParameterizedTest
  @EnumSource(
      value = HttpChoice.class,
      names = {"HTTP_1", "HTTP_2"})
  void aConnectionThatHasEndedTakesNoMore(HttpChoice choice) throws Exception {
    Endpoint endpoint = endpoint(answeringAtOnce());
    UpstreamSettings settings = settings(choice);
    Connector connector = new Connector(vertx, credentials(), limits.own());
    boolean http2 = choice == HttpChoice.HTTP_2;

    List<Boolean> ready =
        onLoop(
            () -> {
              Pool pool = new Pool(endpoint, http2, connector, limits, loop, settings);
              Promise<Lease> first = Promise.promise();
              pool.acquire(settings, first);
              return first.future().map(lease -> readyBeforeAndAfterItsEnd(pool, lease, settings));
            });

    assertThat(ready).containsExactly(true, false);
  }

  private List<Boolean> readyBeforeAndAfterItsEnd(
      Pool pool, Lease lease, UpstreamSettings settings) {
    lease.release(true);
    Lease again = pool.ready(settings, ticker.nanos());
    boolean before = again != null;
    if (again != null) {
      again.release(true);
    }
    Channel channel = InterimAnswers.context(lease.connection()).channel();
    channel.unsafe().close(channel.newPromise()); // without a word of HTTP/2
    return List.of(before, pool.ready(settings, ticker.nanos()) != null);
  }

  private int answeringAtOnce() throws Exception {
    return server(new HttpServerOptions(), request -> request.response().end("ok"));
  }

  private int holding() throws Exception {
    return holding(new HttpServerOptions());
  }

  private int holding(HttpServerOptions options) throws Exception {
    return server(options, request -> context.runOnContext(now -> held.add(request)));
  }

  private int server(HttpServerOptions options, Handler<HttpServerRequest> handler)
      throws Exception {
    return await(
            vertx
                .createHttpServer(options.setHttp2ClearTextEnabled(true))
                .connectionHandler(connection -> accepted.incrementAndGet())
                .requestHandler(handler)
                .listen(0, "127.0.0.1"))
        .actualPort();
  }

  private void release(int index) {
    context.runOnContext(now -> held.get(index).response().end(Buffer.buffer("ok")));
  }
}
