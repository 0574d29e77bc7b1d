package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What HTTP allows beside a request and its answer, through a whole gateway over real sockets. */
final class ProtocolsIT extends GatewayFixture {

  private static final String TO_BACKEND = "{route: [{destination: {host: backend.test}}]}";
  private static final String GRPC = "application/grpc";

  @Test
  void aGrpcCallBringsItsStatusInTrailers() throws Exception {
    int backend =
        backend(
            request -> {
              assertThat(request.version()).isEqualTo(HttpVersion.HTTP_2);
              String trailers = request.getHeader("te");
              request
                  .body()
                  .onSuccess(
                      message -> {
                        request.response().putHeader("content-type", GRPC);
                        request.response().putTrailer("grpc-status", "0");
                        request.response().putTrailer("grpc-message", "te " + trailers);
                        request.response().end(message);
                      });
            });
    gateway(rules(TO_BACKEND), entry(backend));
    HttpClientRequest call = await(call(HttpMethod.POST, "/shop.Cart/Add"));

    HttpClientResponse answer = await(whole(call.send(Buffer.buffer("\0\0\0\0\1x"))));

    assertThat(await(answer.body()).toString()).isEqualTo("\0\0\0\0\1x");
    assertThat(answer.getTrailer("grpc-status")).isEqualTo("0");
    assertThat(answer.getTrailer("grpc-message")).isEqualTo("te trailers");
  }

  @Test
  void aGrpcFailureWithoutABodyPasses() throws Exception {
    int backend =
        backend(
            request ->
                request
                    .response()
                    .putHeader("content-type", GRPC)
                    .putHeader("grpc-status", "5")
                    .end());
    gateway(rules(TO_BACKEND), entry(backend));
    HttpClientRequest call = await(call(HttpMethod.POST, "/shop.Cart/Add"));

    HttpClientResponse answer = await(whole(call.send(Buffer.buffer("\0\0\0\0\0"))));

    assertThat(answer.getHeader("grpc-status")).isEqualTo("5");
    assertThat(await(answer.body()).length()).isZero();
  }

  @Test
  void messagesOfAGrpcStreamPassBothWaysWhileItIsOpen() throws Exception {
    int backend =
        backend(
            request -> {
              request.response().putHeader("content-type", GRPC);
              request.response().putTrailer("grpc-status", "0");
              request.handler(
                  message -> request.response().write(Buffer.buffer("re:").appendBuffer(message)));
              request.endHandler(end -> request.response().end());
            });
    gateway(rules(TO_BACKEND), entry(backend));
    BlockingQueue<String> received = new ArrayBlockingQueue<>(100);
    HttpClientRequest call = await(call(HttpMethod.POST, "/shop.Cart/Watch"));
    Promise<HttpClientResponse> ended = Promise.promise();
    call.response()
        .onSuccess(
            answer -> {
              answer.handler(message -> received.add(message.toString()));
              answer.endHandler(end -> ended.complete(answer));
            });

    for (int i = 0; i < 20; i++) {
      await(call.write(Buffer.buffer("m" + i)));
      assertThat(received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("re:m" + i);
    }
    assertThat(ended.future().isComplete()).isFalse();
    await(call.end());

    assertThat(await(ended.future()).getTrailer("grpc-status")).isEqualTo("0");
  }

  @Test
  void anAnswerThatEndsBeforeItsRequestIsWhole() throws Exception {
    int backend = backend(request -> request.response().setStatusCode(401).end("who are you"));
    gateway(rules(TO_BACKEND), entry(backend));
    HttpClientRequest call = await(call(HttpMethod.POST, "/upload"));
    await(call.write(Buffer.buffer("the first part")));

    HttpClientResponse answer = await(whole(call.response()));

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(await(answer.body()).toString()).isEqualTo("who are you");
  }

  @Test
  void aCallerThatResetsItsStreamEndsTheOneUpstream() throws Exception {
    Promise<Void> gone = Promise.promise();
    int backend =
        backend(
            request -> {
              request.response().putHeader("content-type", GRPC).write("first");
              request.response().exceptionHandler(reset -> gone.tryComplete());
              request.response().closeHandler(closed -> gone.tryComplete());
            });
    gateway(rules(TO_BACKEND), entry(backend));
    HttpClientRequest call = await(call(HttpMethod.POST, "/shop.Cart/Watch"));
    await(call.write(Buffer.buffer("m")));
    await(call.response());

    call.reset(8);

    await(gone.future());
  }

  @Test
  void anExpectationIsMetOnceTheBodyIsWanted() throws Exception {
    AtomicBoolean asked = new AtomicBoolean();
    int backend =
        backend(
            request -> {
              asked.set(request.headers().contains("expect"));
              request.body().onSuccess(body -> request.response().end(body));
            });
    gateway(rules(TO_BACKEND), entry(backend));

    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_SECONDS * 1000);
      send(
          socket,
          "POST / HTTP/1.1",
          "Host: shop.test",
          "Expect: 100-continue",
          "Content-Length: 5",
          "Connection: close",
          "");
      String interim = head(socket.getInputStream());
      raw(socket, "hello");
      String answer = all(socket.getInputStream());

      assertThat(interim).startsWith("HTTP/1.1 100 Continue");
      assertThat(answer).startsWith("HTTP/1.1 200 OK").endsWith("\r\n\r\nhello");
      assertThat(asked).as("the hop upstream has its own").isFalse();
    }
  }

  @Test
  void anExpectationThatIsNotMetGetsTheFinalAnswerAlone() throws Exception {
    gateway(rules("{directResponse: {status: 413}}"), entry(1));

    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_SECONDS * 1000);
      send(
          socket,
          "POST / HTTP/1.1",
          "Host: shop.test",
          "Expect: 100-continue",
          "Content-Length: 5",
          "");

      assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 413");
    }
  }

  @Test
  void aLongUploadThatNobodyWantsIsCutOff() throws Exception {
    gateway(rules("{directResponse: {status: 413}}"), entry(1));

    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_SECONDS * 1000);
      send(socket, "POST / HTTP/1.1", "Host: shop.test", "Content-Length: 1000000000", "");
      String answer = head(socket.getInputStream());
      long written = 0;
      byte[] piece = new byte[1 << 16];
      try {
        while (written < 1_000_000_000) {
          socket.getOutputStream().write(piece);
          written += piece.length;
        }
      } catch (IOException cut) {
        assertThat(cut).isNotNull();
      }

      assertThat(answer).startsWith("HTTP/1.1 413");
      assertThat(written).isLessThan(100_000_000); // what sockets' buffers hold
    }
  }

  @Test
  void interimAnswersOfTheBackendAreNotTakenForTheAnswer() throws Exception {
    int backend =
        raw(
            "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n"
                + "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone");
    gateway(rules(TO_BACKEND), entry(backend));

    assertThat(text("/")).isEqualTo("done");
  }

  @Test
  void aBackendThatClosesItsSideAfterTheAnswerIsNotCut() throws Exception {
    int backend = raw("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall there is");
    gateway(rules(TO_BACKEND), entry(backend));

    assertThat(text("/")).isEqualTo("all there is");
  }

  @Test
  void aBackendThatClosesItsSideAfterALengthIsAskedAnew() throws Exception {
    int backend = raw("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone");
    gateway(rules(TO_BACKEND), entry(backend));

    for (int i = 0; i < 5; i++) {
      assertThat(text("/")).isEqualTo("done");
    }
  }

  @Test
  void requestsThatComeInOneGoAreAnsweredInTheirOrder() throws Exception {
    int backend =
        backend(
            request ->
                vertx.setTimer(
                    request.path().equals("/slow") ? 60 : 1,
                    later -> request.response().end(request.path())));
    gateway(rules(TO_BACKEND), entry(backend));

    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_SECONDS * 1000);
      send(
          socket,
          "GET /slow HTTP/1.1",
          "Host: shop.test",
          "",
          "GET /fast HTTP/1.1",
          "Host: shop.test",
          "Connection: close",
          "");
      String answers = all(socket.getInputStream());

      assertThat(answers.indexOf("/slow")).isPositive().isLessThan(answers.indexOf("/fast"));
    }
  }

  /** Answers every request with the same bytes and ends its side. */
  private int raw(String answer) throws Exception {
    NetServer server =
        vertx
            .createNetServer()
            .connectHandler(socket -> socket.handler(request -> socket.end(Buffer.buffer(answer))));
    return await(kept(server).listen(0, "127.0.0.1")).actualPort();
  }

  private Future<HttpClientRequest> call(HttpMethod method, String path) {
    HttpClient client =
        client(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    return client
        .request(options(method, path))
        .onSuccess(
            request -> {
              request.setChunked(true).authority(HostAndPort.create("shop.test", 80));
              request.putHeader("content-type", GRPC).putHeader("te", "trailers");
            });
  }

  /** Its body is kept for whoever asks for it later. */
  private static Future<HttpClientResponse> whole(Future<HttpClientResponse> answer) {
    return answer.compose(response -> response.body().map(response));
  }

  private static void send(Socket socket, String... lines) throws IOException {
    raw(socket, String.join("\r\n", lines) + "\r\n");
  }

  private static void raw(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  /** To the empty line. */
  private static String head(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      text.append((char) next);
    }
    return text.toString();
  }

  private static String all(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
  }
}
