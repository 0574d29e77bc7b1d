package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever one side has said the other hears at once, as streams of events and calls that go both
 * ways need it: each step here waits for what the step before it was to bring across.
 */
final class StreamingIT extends WaysFixture {

  @ParameterizedTest
  @MethodSource("ways")
  void headsGoAheadOfTheirBodies(Way way) throws Exception {
    Promise<HttpServerRequest> arrived = Promise.promise();
    begin(way, request -> arrived.complete(request.pause()));
    HttpClientRequest request = await(request(connected(way), HttpMethod.POST, "/"));
    request.setChunked(true);
    Promise<String> answered = Promise.promise();

    await(request.sendHead());
    HttpServerRequest taken = await(arrived.future());
    Promise<String> asked = Promise.promise();
    taken.handler(piece -> asked.tryComplete(piece.toString()));
    taken.resume();
    await(streamed(taken).writeHead());
    HttpClientResponse answer = await(request.response());
    answer.handler(piece -> answered.tryComplete(piece.toString()));
    await(request.write("ping"));
    assertThat(await(asked.future())).isEqualTo("ping");
    await(taken.response().write("pong"));
    assertThat(await(answered.future())).isEqualTo("pong");
    await(taken.response().end());
    await(answer.end());
  }

  /** With HTTP/2 it may take long until such a body's end is there, and its trailers. */
  @ParameterizedTest
  @MethodSource("ways")
  void aWholeBodyGoesAheadOfItsEnd(Way way) throws Exception {
    Promise<HttpServerResponse> begun = Promise.promise();
    begin(
        way,
        request -> {
          HttpServerResponse out = request.response().putHeader("content-length", "5");
          out.write("whole").onSuccess(written -> begun.complete(out));
        });
    Promise<String> body = Promise.promise();

    HttpClientResponse answer =
        await(
            request(connected(way), HttpMethod.GET, "/")
                .compose(
                    request -> {
                      request
                          .response()
                          .onSuccess(head -> head.handler(all -> body.tryComplete(all.toString())));
                      return request.send();
                    }));
    assertThat(await(body.future())).isEqualTo("whole");
    Future<Void> end = answer.end();
    await(begun.future()).end();
    await(end);
  }

  @Test
  void aCallerOfHttp10ReadsAStreamUntilTheConnectionEnds() throws Exception {
    Promise<HttpServerRequest> arrived = Promise.promise();
    begin(new Way(HttpVersion.HTTP_1_1, HttpVersion.HTTP_1_1, false), arrived::complete);
    try (RawHttp client = new RawHttp(port)) {
      client.send("GET / HTTP/1.0\r\nHost: shop.test\r\nConnection: keep-alive\r\n\r\n");
      HttpServerResponse out = streamed(await(arrived.future()));
      await(out.putHeader("x-kind", "stream").writeHead());
      String head = client.head();
      await(out.write("event"));
      String event = client.next(5);
      await(out.end("last"));

      assertThat(head).startsWith("HTTP/1.0 200").contains("x-kind: stream");
      assertThat(head).doesNotContainIgnoringCase("transfer-encoding", "keep-alive");
      assertThat(event).isEqualTo("event");
      assertThat(client.rest()).isEqualTo("last");
    }
  }

  private static HttpServerResponse streamed(HttpServerRequest request) {
    HttpServerResponse out = request.response();
    return request.version() == HttpVersion.HTTP_1_1 ? out.setChunked(true) : out;
  }
}
