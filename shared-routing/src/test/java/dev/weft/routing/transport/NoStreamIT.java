package dev.weft.routing.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests to which their connection of HTTP/2 gives no stream: they never reached anybody. */
final class NoStreamIT extends TransportFixture {

  private final UpstreamSettings settings = settings(HttpChoice.HTTP_2, pool(1, 0, 0, 0));
  private final AtomicInteger accepted = new AtomicInteger();
  private Endpoint endpoint;
  private Pool pool;
  private ChannelHandlerContext netty; // of the connection that is there

  @BeforeEach
  void connected() throws Exception {
    endpoint = endpoint(oneAtOnce());
    Connector connector = new Connector(vertx, credentials(), limits.own());
    onLoop(
        () -> {
          pool = new Pool(endpoint, true, connector, limits, loop, settings);
          Promise<Lease> first = Promise.promise();
          pool.acquire(settings, first);
          return first.future().onSuccess(this::keep);
        });
  }

  private void keep(Lease lease) {
    netty = InterimAnswers.context(lease.connection());
    lease.release(true);
  }

  /** Takes one stream at once, and answers to all but {@code /held}. */
  private int oneAtOnce() throws Exception {
    Http2Settings one = new Http2Settings().setMaxConcurrentStreams(1);
    HttpServerOptions options =
        new HttpServerOptions().setHttp2ClearTextEnabled(true).setInitialSettings(one);
    return await(
            vertx
                .createHttpServer(options)
                .connectionHandler(connection -> accepted.incrementAndGet())
                .requestHandler(
                    request -> {
                      if (!request.path().equals("/held")) {
                        request.response().end("ok");
                      }
                    })
                .listen(0, "127.0.0.1"))
        .actualPort();
  }

  private Future<Answer> attempt(Exchange exchange) {
    return new AttemptRun(exchange, endpoint, pool, false, reset -> {})
        .start(settings)
        .compose(TransportFixture::read);
  }

  private void http2(Consumer<Http2Connection> work) {
    work.accept(((Http2ConnectionHandler) netty.handler()).connection());
  }

  @Test
  void oneThatTakesNoMoreStreamsFailsTheRequestAtOnceAndIsNotUsedAgain() throws Exception {
    ProxyFailure failed =
        failure(
            begin(
                () -> {
                  http2(connection -> connection.local().maxActiveStreams(0));
                  return attempt(get("/"));
                }));
    Answer next = await(begin(() -> attempt(get("/"))));

    assertThat(failed.reason()).isEqualTo(Cause.REFUSED_STREAM);
    assertThat(next.status()).isEqualTo(200);
    assertThat(accepted).hasValue(2);
  }

  @Test
  void soDoesOneThatHasNoNumbersLeft() throws Exception {
    ProxyFailure failed =
        failure(
            begin(
                () -> {
                  http2(NoStreamIT::takeTheLastNumber);
                  return attempt(get("/"));
                }));
    Answer next = await(begin(() -> attempt(get("/"))));

    assertThat(failed.reason()).isEqualTo(Cause.REFUSED_STREAM);
    assertThat(next.status()).isEqualTo(200);
  }

  private static void takeTheLastNumber(Http2Connection connection) {
    try {
      connection.local().createStream(Integer.MAX_VALUE, false).close();
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** It ends while one is under way, and another one waits for the stream of that one. */
  @Test
  void whoWaitsForAStreamOfOneThatEndsIsTold() throws Exception {
    Exchange held = get("/held");
    Future<Answer> first = begin(() -> attempt(held));
    until(() -> ((Http2ConnectionHandler) netty.handler()).connection().numActiveStreams() == 1);

    Future<Answer> second =
        begin(
            () -> {
              Future<Answer> waits = attempt(get("/"));
              held.cancel(new ProxyFailure(Cause.CLIENT_GONE, "left"));
              Channel channel = netty.channel();
              channel.unsafe().close(channel.newPromise()); // as a peer does that is killed
              return waits;
            });

    assertThat(failure(first).reason()).isEqualTo(Cause.CLIENT_GONE);
    assertThat(failure(second).reason()).isEqualTo(Cause.REFUSED_STREAM);
  }

  /** Vert.x takes a stream that was not wanted any more when it came to be open for good. */
  @Test
  void whoLeavesBeforeHeHasAStreamLeavesRoomForOthers() throws Exception {
    Exchange held = get("/held");
    Exchange leaving = get("/");
    Future<Answer> first = begin(() -> attempt(held));
    until(() -> ((Http2ConnectionHandler) netty.handler()).connection().numActiveStreams() == 1);
    Future<Answer> second =
        begin(
            () -> {
              Future<Answer> waits = attempt(leaving);
              held.cancel(new ProxyFailure(Cause.CLIENT_GONE, "left"));
              leaving.cancel(new ProxyFailure(Cause.CLIENT_GONE, "left"));
              return waits;
            });
    assertThat(failure(first).reason()).isEqualTo(Cause.CLIENT_GONE);
    assertThat(failure(second).reason()).isEqualTo(Cause.CLIENT_GONE);

    Answer next = await(begin(() -> attempt(get("/"))));

    assertThat(next.status()).isEqualTo(200);
  }
}
