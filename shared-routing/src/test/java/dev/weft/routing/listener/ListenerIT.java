package dev.weft.routing.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The limits, the drain and the refusals of a listener over real sockets. */
final class ListenerIT extends ListenerFixture {

  private static final Duration SHORT = Duration.ofMillis(150);
  private static final Duration SOON = Duration.ofSeconds(10); // on a busy machine
  private static final String GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: a.test\r\n";

  private final List<HttpClientAgent> agents = new ArrayList<>();

  @Test
  void aHeadThatIsTooLargeIsToldSo() throws Exception {
    int port = listening(Times.LONG_ONES, ListenerFixture::ok);
    String line = "x-large: " + "a".repeat(8000) + "\r\n";

    String most = RawHttp.exchange(port, POST + line.repeat(7) + "Connection: close\r\n\r\n");
    String larger = RawHttp.exchange(port, POST + line.repeat(9) + "Connection: close\r\n\r\n");

    assertThat(most).startsWith("HTTP/1.1 200 ");
    assertThat(larger).startsWith("HTTP/1.1 431 ");
  }

  @Test
  void aTargetThatIsTooLongIsToldSo() throws Exception {
    int port = listening(Times.LONG_ONES, ListenerFixture::ok);

    String long16000 =
        "GET /" + "a".repeat(16_000) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    String long17000 =
        "GET /" + "a".repeat(17_000) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    assertThat(RawHttp.exchange(port, long16000)).startsWith("HTTP/1.1 200 ");
    assertThat(RawHttp.exchange(port, long17000)).containsPattern("^HTTP/1\\.[01] 414 ");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aHeadOfTooManyFieldsIsToldSo(HttpVersion version) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    int port =
        listening(
            Times.LONG_ONES,
            exchange -> {
              asked.incrementAndGet();
              return ok(exchange);
            });
    HttpClientConnection connection = connected(port, version);

    int most = await(withFields(connection, version, 100)).statusCode();
    HttpClientResponse more = await(withFields(connection, version, 101));

    assertThat(most).isEqualTo(200);
    assertThat(more.statusCode()).isEqualTo(431);
    assertThat(more.getHeader("proxy-status"))
        .isEqualTo("weft; error=http_request_error; cause=too_many_headers");
    assertThat(asked).as("served").hasValue(1);
  }

  /** Fields of one name count one by one; HTTP/1.1 has {@code Host} beside them. */
  private static Future<HttpClientResponse> withFields(
      HttpClientConnection connection, HttpVersion version, int fields) {
    return get(connection)
        .compose(
            request -> {
              int own = version == HttpVersion.HTTP_2 ? 0 : 1;
              for (int i = own; i < fields; i++) {
                request.headers().add("x-one", "a");
              }
              return Requests.sent(request);
            });
  }

  @Test
  void aHeadThatDoesNotEndInTimeIsRefused() throws Exception {
    int port = listening(new Times(LONG, SHORT, LONG, LONG), ListenerFixture::ok);

    for (String part :
        new String[] {"GE", "GET / HT", "GET / HTTP/1.1\r\nHost", "PRI * HTTP/1.1\r\na"}) {
      assertThat(RawHttp.exchange(port, part)).as(part).startsWith("HTTP/1.1 408 ");
    }
    assertThat(refusals.counts()).containsEntry("slow_head", 4L);
  }

  @Test
  void lettersNowAndThenDoNotKeepAConnection() throws Exception {
    int port = listening(new Times(LONG, SHORT, LONG, LONG), ListenerFixture::ok);

    try (RawHttp client = new RawHttp(port)) {
      client.send("GET / HTTP/1.1\r\nx: ");
      long drip = vertx.setPeriodic(20, now -> sendOne(client));

      assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
      vertx.cancelTimer(drip);
    }
  }

  private static void sendOne(RawHttp client) {
    try {
      client.send("a");
    } catch (IOException closed) {
      assertThat(closed).isNotNull(); // as it should be, in time
    }
  }

  @Test
  void aSecondHeadThatDoesNotEndEndsItsConnection() throws Exception {
    int port = listening(new Times(LONG, SHORT, LONG, LONG), ListenerFixture::ok);

    String answers = RawHttp.exchange(port, GET + "GET / HT");

    assertThat(answers).startsWith("HTTP/1.1 200 ").endsWith("ok");
    assertThat(refusals.counts()).containsEntry("slow_head", 1L);
  }

  @Test
  void aConnectionBetweenRequestsIsNotAHead() throws Exception {
    int port = listening(new Times(Duration.ofMillis(600), SHORT, LONG, LONG), ListenerFixture::ok);

    try (RawHttp client = new RawHttp(port)) {
      client.send(GET);
      assertThat(client.head()).startsWith("HTTP/1.1 200 ");
      assertThat(client.next(2)).isEqualTo("ok");

      assertThat(client.rest()).as("closed when it was idle for too long").isEmpty();
    }
    assertThat(refusals.counts()).containsEntry("slow_head", 0L);
  }

  @Test
  void anIdleConnectionOfHttp2IsClosed() throws Exception {
    int port = listening(new Times(Duration.ofMillis(300), LONG, LONG, LONG), ListenerFixture::ok);
    HttpClientConnection connection = connected(port, HttpVersion.HTTP_2);
    Promise<Void> closed = Promise.promise();
    connection.closeHandler(closed::tryComplete);

    assertThat(await(get(connection).compose(Requests::sent)).statusCode()).isEqualTo(200);

    await(closed.future());
  }

  @Test
  void aBodyThatIsWaitedForAndDoesNotComeIsToldSo() throws Exception {
    int port = listening(new Times(LONG, LONG, SHORT, LONG), this::afterBody);

    String answer = RawHttp.exchange(port, POST + "Content-Length: 5\r\n\r\nhe");

    assertThat(answer)
        .startsWith("HTTP/1.1 408 ")
        .contains(
            "connection: close\r\n",
            "proxy-status: weft; error=http_request_error; cause=request_timeout\r\n");
    assertThat(inFlight()).isZero();
  }

  @Test
  void whoOwesABodyIsTheOneWhoStandsStill() throws Exception {
    int port = listening(new Times(LONG, LONG, SHORT, SHORT), this::afterBody);

    String answer = RawHttp.exchange(port, POST + "Content-Length: 5\r\n\r\nhe");

    assertThat(answer).as("both times are over at once").startsWith("HTTP/1.1 408 ");
  }

  @Test
  void aCallOfGrpcMayBeSilentForAsLongAsAStreamMay() throws Exception {
    int port = listening(new Times(LONG, LONG, SHORT, Duration.ofMillis(1500)), this::afterBody);

    String answer =
        RawHttp.exchange(
            port, POST + "Content-Type: application/grpc\r\nContent-Length: 5\r\n\r\nhe");

    assertThat(answer).startsWith("HTTP/1.1 200 ").contains("grpc-status: 14", "response_timeout");
  }

  @Test
  void whatStandsStillAltogetherEnds() throws Exception {
    int port = listening(new Times(LONG, LONG, LONG, SHORT), ListenerFixture::never);

    String answer = RawHttp.exchange(port, GET.replace("Host", "Connection: close\r\nHost"));

    assertThat(answer)
        .startsWith("HTTP/1.1 504 ")
        .contains("proxy-status: weft; error=http_response_timeout; cause=stream_idle\r\n");
    assertThat(inFlight()).isZero();
  }

  @Test
  void aDrainEndsWhatIsIdleAndLetsWhatIsNotFinish() throws Exception {
    AtomicReference<Promise<Response>> due = new AtomicReference<>(Promise.promise());
    Promise<Void> asked = Promise.promise();
    int port =
        listening(
            Times.LONG_ONES,
            exchange -> {
              if (exchange.request().head().path().equals("/now")) {
                return ok(exchange);
              }
              asked.complete();
              return due.get().future();
            });

    try (RawHttp idle = new RawHttp(port);
        RawHttp busy = new RawHttp(port)) {
      idle.send(GET.replace("/ ", "/now "));
      idle.head();
      idle.next(2);
      busy.send(GET);
      await(asked.future());

      Future<Void> drained = drain(Duration.ofSeconds(10));

      assertThat(idle.rest()).isEmpty();
      assertThat(refusesSoon(port)).isTrue();
      assertThat(drained.isComplete()).isFalse();
      onLoop(
          () -> {
            due.get().complete(new LocalResponse(200, Buffer.buffer("late")));
            return Future.succeededFuture();
          });
      assertThat(busy.rest())
          .startsWith("HTTP/1.1 200 ")
          .containsIgnoringCase("connection: close\r\n")
          .endsWith("late");
      await(drained);
    }
  }

  /**
   * The port is closed by another thread than the connections are; who is in line for it then is
   * reset.
   */
  private static boolean refusesSoon(int port) throws IOException {
    boolean open = true;
    long end = System.nanoTime() + SOON.toNanos();
    while (open && System.nanoTime() < end) {
      try (RawHttp one = new RawHttp(port)) {
        assertThat(one).isNotNull();
      } catch (ConnectException refused) {
        open = false;
      } catch (SocketException reset) {
        open = true;
      }
    }
    return !open;
  }

  @Test
  void aDrainSaysGoAwayAndFinishesTheStreamsThereAre() throws Exception {
    Promise<Response> due = Promise.promise();
    Promise<Void> asked = Promise.promise();
    int port =
        listening(
            Times.LONG_ONES,
            exchange -> {
              asked.complete();
              return due.future();
            });
    HttpClientConnection connection = connected(port, HttpVersion.HTTP_2);
    Promise<Long> farewell = Promise.promise();
    connection.goAwayHandler(goAway -> farewell.tryComplete(goAway.getErrorCode()));
    Future<Buffer> body = get(connection).compose(Requests::sent).compose(answer -> answer.body());
    await(asked.future());

    Future<Void> drained = drain(Duration.ofSeconds(10));

    assertThat(await(farewell.future())).isZero();
    onLoop(
        () -> {
          due.complete(new LocalResponse(200, Buffer.buffer("late")));
          return Future.succeededFuture();
        });
    assertThat(await(body).toString()).isEqualTo("late");
    await(drained);
  }

  @Test
  void aFaultOfOursIsAnAnswerToo() throws Exception {
    int port =
        listening(
            Times.LONG_ONES,
            exchange -> {
              throw new IllegalStateException("a bug");
            });

    String answer = RawHttp.exchange(port, GET.replace("Host", "Connection: close\r\nHost"));

    assertThat(answer)
        .startsWith("HTTP/1.1 500 ")
        .contains("proxy-status: weft; error=proxy_internal_error; cause=internal\r\n")
        .doesNotContain("a bug");
    assertThat(inFlight()).isZero();
  }

  @Test
  void theChainIsToldInsideTheMeshAndTheCauseAloneAtTheEdge() throws Exception {
    ProxyFailure failure = new ProxyFailure(Cause.CONNECT_REFUSED, "endpoint 10.0.0.7:80: \"no\"");
    int inside = listening(Role.MESH_INBOUND, Times.LONG_ONES, any -> Future.failedFuture(failure));
    int edge = listening(Role.EDGE, Times.LONG_ONES, any -> Future.failedFuture(failure));
    String request = GET.replace("Host", "Connection: close\r\nHost");

    assertThat(RawHttp.exchange(inside, request))
        .contains(
            "proxy-status: weft; error=connection_refused; cause=connect_refused; hop=inbound;"
                + " details=\"endpoint 10.0.0.7:80: \\\"no\\\"\"\r\n");
    assertThat(RawHttp.exchange(edge, request))
        .contains("proxy-status: weft; error=connection_refused; cause=connect_refused\r\n")
        .doesNotContain("10.0.0.7");
  }

  @Test
  void whatAProxyInsideToldOfItsChainStaysInside() throws Exception {
    LocalResponse told = new LocalResponse(503, Buffer.buffer());
    told.headers()
        .add(
            "proxy-status",
            "weft; error=connection_refused; cause=connect_refused; hop=outbound; details=\"endpoint \\\"10.0.0.7\\\"\"")
        .add("proxy-status", "other; details=\"10.0.0.7\"; received-status=503");
    int port = listening(Role.EDGE, Times.LONG_ONES, any -> Future.succeededFuture(told));

    assertThat(RawHttp.exchange(port, GET.replace("Host", "Connection: close\r\nHost")))
        .contains("proxy-status: weft; error=connection_refused; cause=connect_refused\r\n")
        .contains("proxy-status: other; received-status=503\r\n")
        .doesNotContain("10.0.0.7");
  }

  @Test
  void anOldCallerIsNeitherAnsweredInChunksNorAskedToContinue() throws Exception {
    int port = listening(Times.LONG_ONES, this::afterBody);

    String answer =
        RawHttp.exchange(
            port,
            "POST / HTTP/1.0\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi");

    assertThat(answer).startsWith("HTTP/1.0 200 ").doesNotContain("100 Continue", "chunked");
  }

  private HttpClientConnection connected(int port, HttpVersion version) throws Exception {
    HttpClientAgent agent =
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false))
            .build();
    agents.add(agent); // Vert.x closes one that nobody refers to
    return await(agent.connect(new HttpConnectOptions().setHost("127.0.0.1").setPort(port)));
  }

  private static Future<HttpClientRequest> get(HttpClientConnection connection) {
    return connection.request(new RequestOptions().setMethod(HttpMethod.GET).setURI("/"));
  }
}
