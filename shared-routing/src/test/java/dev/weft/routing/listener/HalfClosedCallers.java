package dev.weft.routing.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.testkit.RawHttp;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** Callers that end their side of a connection: some have said all, and some have left. */
abstract class HalfClosedCallers extends ListenerFixture {

  private static final String GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
  private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
  private static final int LARGE = 16 << 20;

  private final Deque<Promise<Response>> due = new ArrayDeque<>(); // used on the listener's loop
  private final Promise<Void> asked = Promise.promise();
  private final Promise<Cause> cancelled = Promise.promise();

  HalfClosedCallers(boolean ofTheSystem) {
    super(ofTheSystem);
  }

  @Test
  void whoHasSaidAllGetsTheAnswer() throws Exception {
    int port = listening(Times.LONG_ONES, this::later);

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(GET);
      caller.socket().shutdownOutput();
      String interim = caller.head() + caller.head();
      answer("late");

      assertThat(interim).isEqualTo(CONTINUE + CONTINUE);
      assertThat(withoutInterim(caller.rest()))
          .startsWith("HTTP/1.1 200 ")
          .endsWith("\r\n\r\nlate");
    }
    assertThat(inFlight()).isZero();
  }

  @Test
  void aQuickAnswerIsAsItWouldBeWithoutTheFin() throws Exception {
    int port = listening(Times.LONG_ONES, ListenerFixture::ok);

    assertThat(saidAll(port, GET)).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nok");
  }

  @Test
  void aLargeAnswerArrivesWhole() throws Exception {
    Buffer large = Buffer.buffer(new byte[LARGE]);
    int port =
        listening(
            Times.LONG_ONES, any -> Future.succeededFuture(new LocalResponse(200, large.copy())));

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(GET);
      caller.socket().shutdownOutput();

      assertThat(caller.head()).startsWith("HTTP/1.1 200 ");
      assertThat(caller.next(LARGE).length()).isEqualTo(LARGE);
      assertThat(caller.rest()).isEmpty();
    }
  }

  @Test
  void aLargeAnswerThatComesLateArrivesWhole() throws Exception {
    int port = listening(Times.LONG_ONES, this::later);

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(GET);
      caller.socket().shutdownOutput();
      assertThat(caller.head()).startsWith("HTTP/1.1 100 ");
      answer("a".repeat(LARGE));

      assertThat(lastHead(caller)).startsWith("HTTP/1.1 200 ");
      assertThat(caller.next(LARGE).length()).isEqualTo(LARGE);
      assertThat(caller.rest()).isEmpty();
    }
  }

  @Test
  void whatCameBeforeTheFinIsAnsweredInItsOrder() throws Exception {
    int port =
        listening(
            Times.LONG_ONES,
            exchange ->
                exchange.request().head().path().equals("/") ? later(exchange) : ok(exchange));

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(GET + GET.replace("/ ", "/second ") + GET.replace("/ ", "/third "));
      caller.socket().shutdownOutput();
      caller.head();
      answer("first");

      assertThat(withoutInterim(caller.rest()).split("HTTP/1.1 200 OK"))
          .satisfiesExactly(
              before -> assertThat(before).isEmpty(),
              first -> assertThat(first).endsWith("\r\n\r\nfirst"),
              second -> assertThat(second).endsWith("\r\n\r\nok"),
              third -> assertThat(third).endsWith("\r\n\r\nok"));
    }
  }

  @Test
  void whoLeftIsNotServedAnyMore() throws Exception {
    int port = listening(Times.LONG_ONES, this::later);

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(GET);
      await(asked.future());
    }

    assertThat(await(cancelled.future())).isEqualTo(Cause.CLIENT_GONE);
  }

  @Test
  void whoSaidAllAndThenLeftIsNotServedAnyMore() throws Exception {
    int port = listening(Times.LONG_ONES, this::later);

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(GET);
      caller.socket().shutdownOutput();
      caller.head();
    }

    assertThat(await(cancelled.future())).isEqualTo(Cause.CLIENT_GONE);
  }

  @Test
  void aRequestThatIsCutOffIsNoRequest() throws Exception {
    int port =
        listening(
            Times.LONG_ONES,
            exchange -> {
              Future<Response> answer = afterBody(exchange);
              exchange.onCancel(cause -> cancelled.tryComplete(cause.reason()));
              return answer;
            });

    String answer = saidAll(port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");

    assertThat(answer).isEmpty();
    assertThat(await(cancelled.future())).isEqualTo(Cause.CLIENT_GONE);
  }

  @Test
  void betweenRequestsTheConnectionEndsAtOnce() throws Exception {
    int port = listening(Times.LONG_ONES, ListenerFixture::ok);

    try (RawHttp caller = new RawHttp(port);
        RawHttp silent = new RawHttp(port)) {
      silent.socket().shutdownOutput();
      caller.send(GET);
      caller.head();
      caller.next(2);
      caller.socket().shutdownOutput();

      assertThat(caller.rest()).isEmpty();
      assertThat(silent.rest()).isEmpty();
    }
  }

  @Test
  void toAnOldCallerAFinIsTheEnd() throws Exception {
    int port = listening(Times.LONG_ONES, this::later);

    assertThat(saidAll(port, GET.replace("HTTP/1.1", "HTTP/1.0"))).isEmpty();
    assertThat(await(cancelled.future())).isEqualTo(Cause.CLIENT_GONE);
  }

  @Test
  void amidAnUpgradeAFinIsTheEnd() throws Exception {
    int port = listening(Times.LONG_ONES, this::later);
    String upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\nHost";

    assertThat(saidAll(port, GET.replace("Host", upgrade))).isEmpty();
    assertThat(await(cancelled.future())).isEqualTo(Cause.CLIENT_GONE);
  }

  @Test
  void whoWaitsInSilenceIsBoundedByTheTimeouts() throws Exception {
    int port =
        listening(new Times(LONG, LONG, LONG, Duration.ofMillis(150)), ListenerFixture::never);

    assertThat(withoutInterim(saidAll(port, GET))).startsWith("HTTP/1.1 504 ");
    assertThat(inFlight()).isZero();
  }

  @Test
  void aDrainEndsTheConnectionAfterItsAnswer() throws Exception {
    int port = listening(Times.LONG_ONES, this::later);

    try (RawHttp caller = new RawHttp(port)) {
      caller.send(GET);
      caller.socket().shutdownOutput();
      caller.head();
      Future<Void> drained = drain(Duration.ofSeconds(10));
      answer("late");

      assertThat(withoutInterim(caller.rest()))
          .startsWith("HTTP/1.1 200 ")
          .endsWith("\r\n\r\nlate");
      await(drained);
    }
  }

  /** What comes to one that says {@code bytes} and ends its side. */
  private static String saidAll(int port, String bytes) throws Exception {
    try (RawHttp caller = new RawHttp(port)) {
      caller.send(bytes);
      caller.socket().shutdownOutput();
      return caller.rest();
    }
  }

  /** The head of the answer, after those interim ones that came while it was made. */
  private static String lastHead(RawHttp caller) throws Exception {
    String head = caller.head();
    return head.equals(CONTINUE) ? lastHead(caller) : head;
  }

  private static String withoutInterim(String answers) {
    return answers.replace(CONTINUE, "");
  }

  private Future<Response> later(Exchange exchange) {
    Promise<Response> promise = Promise.promise();
    due.add(promise);
    exchange.onCancel(cause -> end(promise, cause));
    asked.tryComplete();
    return promise.future();
  }

  private void end(Promise<Response> promise, ProxyFailure cause) {
    promise.tryFail(cause);
    cancelled.tryComplete(cause.reason());
  }

  private void answer(String text) throws Exception {
    onLoop(
        () -> {
          due.remove().complete(new LocalResponse(200, Buffer.buffer(text)));
          return Future.succeededFuture();
        });
  }
}
