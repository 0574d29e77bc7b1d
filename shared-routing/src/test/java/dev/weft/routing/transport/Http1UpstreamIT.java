package dev.weft.routing.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.exchange.body.NoBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What goes to a server over HTTP/1.1 and what comes back. */
final class Http1UpstreamIT extends TransportFixture {

  private static final UpstreamSettings HTTP_1 = settings(HttpChoice.HTTP_1);
  private static final Buffer PIECE = Buffer.buffer(new byte[1 << 16]);
  private static final int PIECES = 1024; // 64 MiB

  @Test
  void theHeadGoesOutAsTheStagesLeftIt() throws Exception {
    Promise<String> got = Promise.promise();
    int port =
        raw(
            socket ->
                socket.handler(
                    request -> {
                      got.tryComplete(request.toString());
                      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
                    }));
    Exchange exchange = get("/before");
    exchange.request().headers().set("x-a", "1").set("expect", "100-continue");
    exchange.request().rewrite("/after?q=1", "other.test:8080");

    answer(exchange, HTTP_1, port);

    assertThat(await(got.future()))
        .startsWith("GET /after?q=1 HTTP/1.1\r\n")
        .contains("host: other.test:8080\r\n")
        .contains("x-a: 1\r\n")
        .doesNotContain("expect")
        .doesNotContain("transfer-encoding")
        .doesNotContain("content-length");
  }

  @Test
  void aKnownLengthIsKeptAndAnUnknownOneIsChunked() throws Exception {
    List<String> heads = new ArrayList<>();
    int port =
        backend(
            request -> {
              heads.add(
                  request.getHeader("content-length")
                      + " "
                      + request.getHeader("transfer-encoding"));
              request.body().onSuccess(body -> request.response().end(body));
            });
    PushedBody unknown = new PushedBody(OptionalLong.empty());

    Answer first = answer(post(new BufferBody(Buffer.buffer("hello"))), HTTP_1, port);
    Future<Answer> second = exchanged(post(unknown), HTTP_1, endpoint(port));
    until(unknown::wanted);
    onLoop(() -> unknown.write(Buffer.buffer("by ")));
    onLoop(() -> unknown.write(Buffer.buffer("pieces")));
    onLoop(
        () -> {
          unknown.end();
          return Future.succeededFuture();
        });

    assertThat(first.body().toString()).isEqualTo("hello");
    assertThat(await(second).body().toString()).isEqualTo("by pieces");
    assertThat(heads).containsExactly("5 null", "null chunked");
  }

  @Test
  void connectionsAreKeptAndTheLastUsedIsUsedNext() throws Exception {
    AtomicInteger accepted = new AtomicInteger();
    int port =
        raw(
            socket -> {
              accepted.incrementAndGet();
              socket.handler(
                  request -> socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
            });
    Endpoint endpoint = endpoint(port);

    for (int i = 0; i < 20; i++) {
      await(exchanged(get("/" + i), HTTP_1, endpoint));
    }

    assertThat(accepted).hasValue(1);
    assertThat(limits.open(CLUSTER)).isEqualTo(1);
  }

  @Test
  void hopByHopHeadersAndThoseThatConnectionNamesStay() throws Exception {
    int port =
        answering(
            String.join(
                "\r\n",
                "HTTP/1.1 200 OK",
                "Connection: keep-alive, X-Mine",
                "Keep-Alive: timeout=5",
                "X-Mine: 1",
                "X-Yours: 2",
                "Set-Cookie: a=1",
                "Set-Cookie: b=2",
                "Content-Length: 0",
                "\r\n"));

    Answer answer = answer(get("/"), HTTP_1, port);

    assertThat(answer.headers().names())
        .containsExactlyInAnyOrder("X-Yours", "Set-Cookie", "Content-Length");
    assertThat(answer.headers().getAll("set-cookie")).containsExactly("a=1", "b=2");
  }

  @Test
  void oneHeaderIsWhatAllOfThemSay() throws Exception {
    String named = "HTTP/1.1 200 OK\r\nConnection: X-Mine\r\nX-Mine: 1\r\nX-Yours: 2\r\n";
    String plain = "HTTP/1.1 200 OK\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n";
    for (String head : List.of(named, plain)) {
      Endpoint endpoint = endpoint(answering(head + "Content-Length: 0\r\n\r\n"));

      Response answer = await(begin(() -> send(get("/"), HTTP_1, endpoint)));
      List<String> names = List.of("x-mine", "x-yours", "keep-alive", "connection", "x-none");
      List<String> one = names.stream().map(name -> String.valueOf(answer.header(name))).toList();

      assertThat(one)
          .isEqualTo(names.stream().map(name -> answer.headers().get(name) + "").toList());
      answer.headers().set("x-none", "set by a stage");
      assertThat(answer.header("x-none")).isEqualTo("set by a stage");
    }
  }

  @Test
  void aBodilessAnswerKeepsItsLengthAndTheConnection() throws Exception {
    int port =
        raw(
            socket ->
                socket.handler(
                    request ->
                        socket.write(
                            request.toString().startsWith("HEAD")
                                ? "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                                : "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n")));
    Endpoint endpoint = endpoint(port);
    Exchange head = exchange("HEAD", "/", HttpVersion.HTTP_1_1, new NoBody());

    Answer headAnswer = await(exchanged(head, HTTP_1, endpoint));
    Answer unchanged = await(exchanged(get("/"), HTTP_1, endpoint));

    assertThat(headAnswer.headers().get("content-length")).isEqualTo("1000");
    assertThat(headAnswer.body().length()).isZero();
    assertThat(unchanged.status()).isEqualTo(304);
    assertThat(unchanged.body().length()).isZero();
    assertThat(limits.open(CLUSTER)).isEqualTo(1);
  }

  @Test
  void informationalAnswersAreNotTheAnswer() throws Exception {
    int port =
        answering(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    Answer answer = answer(get("/"), HTTP_1, port);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().toString()).isEqualTo("ok");
  }

  @Test
  void trailersFollowTheBody() throws Exception {
    int port =
        answering(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-sum: 7\r\n\r\n");

    Answer answer = answer(get("/"), HTTP_1, port);

    assertThat(answer.body().toString()).isEqualTo("ok");
    assertThat(answer.trailers().get("x-sum")).isEqualTo("7");
    assertThat(answer.headers().contains("transfer-encoding")).isFalse();
  }

  @Test
  void aBodyThatEndsWithItsConnectionIsWholeEvenForALateReader() throws Exception {
    int port =
        raw(
            socket ->
                socket.handler(
                    request -> {
                      socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it");
                      socket.close();
                    }));

    Answer answer =
        onLoop(
            () ->
                send(get("/"), HTTP_1, endpoint(port))
                    .compose(response -> pause().compose(waited -> read(response))));

    assertThat(answer.body().toString()).isEqualTo("all of it");
    until(() -> limits.open(CLUSTER) == 0);
  }

  /** Long enough for what the peer sent and its close to arrive. */
  private Future<Void> pause() {
    return vertx.timer(100, java.util.concurrent.TimeUnit.MILLISECONDS).mapEmpty();
  }

  @Test
  void aSlowReaderBoundsWhatIsHeld() throws Exception {
    AtomicLong written = new AtomicLong();
    int port = backend(request -> flood(request.response().setChunked(true), PIECES, written));
    AtomicLong taken = new AtomicLong();
    AtomicLong held = new AtomicLong();

    Future<Void> whole =
        begin(
            () ->
                send(get("/"), HTTP_1, endpoint(port))
                    .compose(
                        response -> {
                          response
                              .body()
                              .handler(
                                  buffer -> {
                                    long now = taken.addAndGet(buffer.length());
                                    long most = written.get() - now;
                                    if (most <= held.getAndAccumulate(most, Math::max)) {
                                      response.body().fetch(1);
                                    } else { // more than ever is on the way
                                      vertx.setTimer(1, later -> response.body().fetch(1));
                                    }
                                  });
                          response.body().fetch(1);
                          return response.ended();
                        }));

    await(whole);
    assertThat(taken).hasValue((long) PIECES * PIECE.length());
    assertThat(held.get()).as("bytes on the way").isLessThan(24L << 20);
  }

  private static void flood(HttpServerResponse out, int left, AtomicLong written) {
    int rest = left;
    while (rest > 0 && !out.writeQueueFull()) {
      out.write(PIECE).onSuccess(done -> written.addAndGet(PIECE.length()));
      rest--;
    }
    int further = rest;
    if (further > 0) {
      out.drainHandler(drained -> flood(out, further, written));
    } else {
      out.end();
    }
  }

  @Test
  void aServerThatDoesNotReadStopsTheRequestBody() throws Exception {
    Promise<NetSocket> accepted = Promise.promise();
    AtomicLong received = new AtomicLong();
    int port =
        raw(
            socket -> {
              socket.pause();
              socket.handler(
                  buffer -> {
                    if (received.addAndGet(buffer.length()) > (long) PIECES * PIECE.length()) {
                      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                    }
                  });
              accepted.complete(socket);
            });
    PushedBody body = new PushedBody(OptionalLong.of((long) PIECES * PIECE.length()));
    AtomicLong given = new AtomicLong();

    Future<Answer> answer = exchanged(post(body), HTTP_1, endpoint(port));
    until(body::wanted);
    context.runOnContext(now -> pourCounting(body, PIECES, given));
    await(accepted.future());
    await(begin(this::pause));
    long stuckAt = given.get();
    accepted.future().result().resume();

    assertThat(stuckAt).isLessThan(24L << 20);
    assertThat(await(answer).status()).isEqualTo(200);
  }

  private void pourCounting(PushedBody body, int times, AtomicLong given) {
    Buffer piece = PIECE;
    body.pour(piece, times, () -> given.addAndGet(piece.length()));
  }

  @Test
  void anEarlyAnswerPassesAndItsConnectionIsNotUsedAgain() throws Exception {
    AtomicInteger accepted = new AtomicInteger();
    int port =
        raw(
            socket -> {
              accepted.incrementAndGet();
              socket.handler(
                  request -> {
                    socket.handler(rest -> {});
                    socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
                  });
            });
    Endpoint endpoint = endpoint(port);
    PushedBody body = new PushedBody(OptionalLong.of(1 << 20));

    Future<Answer> early = exchanged(post(body), HTTP_1, endpoint);
    until(body::wanted);
    onLoop(() -> body.write(PIECE));
    Answer answer = await(early);

    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.body().toString()).isEqualTo("no");
    until(() -> limits.open(CLUSTER) == 0);
    assertThat(accepted).hasValue(1);
  }

  @Test
  void aCallerThatBreaksOffItsBodyEndsTheAttempt() throws Exception {
    Promise<Void> closed = Promise.promise();
    int port = raw(socket -> socket.handler(some -> {}).closeHandler(closed::tryComplete));
    PushedBody body = new PushedBody(OptionalLong.of(100));

    Future<Answer> answer = exchanged(post(body), HTTP_1, endpoint(port));
    until(body::wanted);
    onLoop(() -> body.write(Buffer.buffer("half")));
    context.runOnContext(
        now ->
            body.fail(
                new dev.weft.routing.exchange.ProxyFailure(Cause.CLIENT_GONE, "it went away")));

    assertThat(failure(answer).reason()).isEqualTo(Cause.CLIENT_GONE);
    await(closed.future());
    until(() -> limits.open(CLUSTER) == 0);
  }
}
