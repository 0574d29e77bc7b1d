package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 and gRPC through both sidecars, over mTLS between them. */
@Timeout(60)
final class StreamedHopsIT extends HopsFixture {

  private static final String GRPC = "application/grpc";

  @ParameterizedTest
  @ValueSource(strings = {"HTTP2", "GRPC"})
  void messagesPassBothWaysWhileACallIsOpenAndItsStatusFollows(String protocol) throws Exception {
    open(protocol);
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    Promise<HttpClientResponse> ended = Promise.promise();
    HttpClientRequest call = await(call());
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

    HttpClientResponse answer = await(ended.future());
    assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
    assertThat(answer.getTrailer("grpc-status")).isEqualTo("0");
    assertThat(answer.getHeader("x-version")).isEqualTo("HTTP_2");
    assertThat(answer.getHeader("x-caller")).endsWith("URI=" + CALLER);
  }

  private void open(String protocol) throws Exception {
    int application =
        await(vertx.createHttpServer().requestHandler(StreamedHopsIT::echo).listen(0, "127.0.0.1"))
            .actualPort();
    open(protocol, application, "");
  }

  private static void echo(HttpServerRequest request) {
    String caller = request.getHeader("x-forwarded-client-cert");
    request
        .response()
        .putHeader("content-type", GRPC)
        .putHeader("x-version", request.version().name())
        .putHeader("x-caller", Optional.ofNullable(caller).orElse("nobody"))
        .putTrailer("grpc-status", "0");
    request.handler(
        message -> request.response().write(Buffer.buffer("re:").appendBuffer(message)));
    request.endHandler(end -> request.response().end());
  }

  private Future<HttpClientRequest> call() {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false);
    return agent(options)
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(outbound)
                .setURI("/shop.Search/Watch"))
        .onSuccess(
            request -> {
              request.setChunked(true);
              request.authority(HostAndPort.create(HOST, -1));
              request.putHeader("content-type", GRPC).putHeader("te", "trailers");
            });
  }
}
