package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.streams.WriteStream;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HTTP/1.1 and HTTP/2 on both sides in every combination, in plaintext and by ALPN over TLS: what
 * holds for one holds for all.
 */
final class VersionsIT extends WaysFixture {

  private static final Buffer PIECE = Buffer.buffer(new byte[1 << 16]);
  private static final int PIECES = 1024; // 64 MiB
  private static final long ON_THE_WAY = 24L << 20; // what sockets and windows of two hops hold

  @ParameterizedTest
  @MethodSource("ways")
  void bodiesStreamBothWaysAndTrailersFollow(Way way) throws Exception {
    AtomicReference<HttpVersion> upstream = new AtomicReference<>();
    begin(way, request -> echo(request, upstream));
    byte[] bytes = new byte[3 << 20];
    new Random(42).nextBytes(bytes);
    HttpClientConnection connection = connected(way);

    HttpClientRequest request = await(request(connection, HttpMethod.POST, "/"));
    request.setChunked(true);
    Future<HttpClientResponse> answer =
        request.response().compose(response -> response.body().map(response));
    await(request.write(Buffer.buffer(bytes)));
    await(request.end());

    assertThat(await(answer).version()).isEqualTo(way.client());
    assertThat(upstream).hasValue(way.upstream());
    assertThat(await(answer.result().body()).getBytes()).isEqualTo(bytes);
    assertThat(answer.result().getTrailer("x-sum")).isEqualTo("7");
  }

  private static void echo(HttpServerRequest request, AtomicReference<HttpVersion> version) {
    version.set(request.version());
    HttpServerResponse out = request.response();
    if (request.version() == HttpVersion.HTTP_1_1) {
      out.setChunked(true);
    }
    request.handler(
        piece -> {
          out.write(piece);
          if (out.writeQueueFull()) {
            request.pause();
            out.drainHandler(drained -> request.resume());
          }
        });
    request.endHandler(
        end -> {
          out.putTrailer("x-sum", "7");
          out.end();
        });
  }

  @ParameterizedTest
  @MethodSource("ways")
  void answersWithoutABodyLeaveTheConnectionAsItIs(Way way) throws Exception {
    begin(
        way,
        request -> {
          switch (request.path()) {
            case "/head" -> request.response().putHeader("content-length", "1000").end();
            case "/204" -> request.response().setStatusCode(204).end();
            case "/304" -> request.response().setStatusCode(304).putHeader("etag", "\"a\"").end();
            default -> request.response().end("whole");
          }
        });
    HttpClientConnection connection = connected(way);

    HttpClientResponse head = await(sent(connection, HttpMethod.HEAD, "/head"));
    HttpClientResponse none = await(sent(connection, HttpMethod.GET, "/204"));
    HttpClientResponse unchanged = await(sent(connection, HttpMethod.GET, "/304"));
    HttpClientResponse last = await(sent(connection, HttpMethod.GET, "/"));

    assertThat(head.getHeader("content-length")).isEqualTo("1000");
    assertThat(await(head.body()).length()).isZero();
    assertThat(none.statusCode()).isEqualTo(204);
    assertThat(none.headers().names()).doesNotContain("content-length", "transfer-encoding");
    assertThat(unchanged.statusCode()).isEqualTo(304);
    assertThat(unchanged.getHeader("etag")).isEqualTo("\"a\"");
    assertThat(await(unchanged.body()).length()).isZero();
    assertThat(await(last.body()).toString()).isEqualTo("whole");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void earlyHintsComeBeforeTheAnswer(Way way) throws Exception {
    Promise<Void> hinted = Promise.promise();
    String link = way.upstream() == HttpVersion.HTTP_2 ? "link" : "Link"; // as servers write it
    begin(
        way,
        request -> {
          request
              .response()
              .writeEarlyHints(HttpHeaders.headers().add(link, "</a.css>; rel=preload"));
          hinted.future().onSuccess(seen -> request.response().end("whole"));
        });
    HttpClientRequest request = await(request(connected(way), HttpMethod.GET, "/"));
    Promise<String> hints = Promise.promise();
    request.earlyHintsHandler(headers -> hints.complete(headers.get("link")));

    Future<HttpClientResponse> answer =
        Requests.sent(request).compose(response -> response.body().map(response));

    assertThat(await(hints.future())).isEqualTo("</a.css>; rel=preload");
    hinted.complete();
    assertThat(await(answer).statusCode()).isEqualTo(200);
    assertThat(answer.result().getHeader("link")).isNull();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aSlowCallerStopsTheBackend(Way way) throws Exception {
    AtomicLong written = new AtomicLong();
    begin(
        way,
        request -> {
          HttpServerResponse out = request.response();
          if (request.version() == HttpVersion.HTTP_1_1) {
            out.setChunked(true);
          }
          pour(out, PIECES, written);
        });
    HttpClientRequest request = await(request(connected(way), HttpMethod.GET, "/"));

    request.response().onSuccess(response -> response.pause());
    HttpClientResponse slow = await(request.send());
    long stuckAt = settled(written);
    AtomicLong read = new AtomicLong();
    Promise<Void> end = Promise.promise();
    slow.handler(piece -> read.addAndGet(piece.length()));
    slow.endHandler(end::complete);
    slow.resume();
    await(end.future());

    assertThat(stuckAt).isPositive().isLessThan(ON_THE_WAY);
    assertThat(read).hasValue((long) PIECES * PIECE.length());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aSlowBackendStopsTheCaller(Way way) throws Exception {
    Promise<HttpServerRequest> waiting = Promise.promise();
    begin(
        way,
        request -> {
          request.pause();
          AtomicLong read = new AtomicLong();
          request.handler(piece -> read.addAndGet(piece.length()));
          request.endHandler(end -> request.response().end("" + read));
          waiting.complete(request);
        });
    AtomicLong written = new AtomicLong();
    HttpClientRequest request =
        await(
            request(connected(way), HttpMethod.POST, "/")
                .onSuccess(
                    begun -> { // on its own loop, so that it misses no drain
                      begun.setChunked(true);
                      pour(begun, PIECES, written);
                    }));

    await(waiting.future());
    long stuckAt = settled(written);
    waiting.future().result().resume();

    assertThat(stuckAt).isPositive().isLessThan(ON_THE_WAY);
    assertThat(await(request.response().compose(GatewayFixture::body)).toString())
        .isEqualTo("" + (long) PIECES * PIECE.length());
  }

  /** As fast as it is taken; counts what went. */
  private static void pour(WriteStream<Buffer> to, int pieces, AtomicLong written) {
    int left = pieces;
    while (left > 0 && !to.writeQueueFull()) {
      to.write(PIECE).onSuccess(done -> written.addAndGet(PIECE.length()));
      left--;
    }
    int rest = left;
    if (rest > 0) {
      to.drainHandler(drained -> pour(to, rest, written));
    } else {
      to.end();
    }
  }

  @ParameterizedTest
  @MethodSource("plainWays")
  void aCallerThatLeavesEndsTheAnswerUpstream(Way way) throws Exception {
    Promise<Void> gone = Promise.promise();
    begin(
        way,
        request -> {
          HttpServerResponse out = request.response();
          if (request.version() == HttpVersion.HTTP_1_1) {
            out.setChunked(true);
          }
          out.exceptionHandler(reset -> gone.tryComplete());
          out.closeHandler(closed -> gone.tryComplete());
          out.write("the beginning");
        });
    HttpClientConnection connection = connected(way);

    await(request(connection, HttpMethod.GET, "/").compose(HttpClientRequest::send));
    await(connection.close());

    await(gone.future());
  }

  @ParameterizedTest
  @MethodSource("plainWays")
  void aCallerThatLeavesInItsBodyEndsTheRequestUpstream(Way way) throws Exception {
    Promise<String> arrived = Promise.promise();
    Promise<Boolean> ended = Promise.promise();
    begin(
        way,
        request -> {
          request.handler(piece -> arrived.tryComplete(piece.toString()));
          request.exceptionHandler(cut -> ended.tryComplete(false));
          request.endHandler(end -> ended.tryComplete(true));
        });
    HttpClientConnection connection = connected(way);
    HttpClientRequest request = await(request(connection, HttpMethod.POST, "/"));
    request.setChunked(true);

    await(request.write("half"));
    assertThat(await(arrived.future())).isEqualTo("half");
    await(connection.close());

    assertThat(await(ended.future())).as("came to a good end").isFalse();
  }

  @ParameterizedTest
  @MethodSource("plainWays")
  void anAnswerThatIsCutIsCutForTheCallerToo(Way way) throws Exception {
    begin(
        way,
        request -> {
          HttpServerResponse out = request.response();
          if (request.version() == HttpVersion.HTTP_1_1) {
            out.setChunked(true);
          }
          out.write("the beginning").onSuccess(sent -> out.reset(2));
        });

    Future<Buffer> body =
        request(connected(way), HttpMethod.GET, "/")
            .compose(Requests::sent)
            .compose(GatewayFixture::body);

    await(body.transform(outcome -> Future.succeededFuture()));
    assertThat(body.succeeded()).isFalse();
  }
}
