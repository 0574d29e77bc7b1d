package dev.weft.routing.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers over HTTP/2 after which the rest of their request is refused (RFC 9113 section 8.1). */
final class EarlyAnswersIT extends TransportFixture {

  private static final long NO_ERROR = 0;
  private static final Buffer LONG = Buffer.buffer(new byte[60_000]);
  private static final UpstreamSettings HTTP2 = settings(HttpChoice.HTTP_2);

  private static void served(HttpServerRequest request, boolean chunked) {
    HttpServerResponse response = request.response();
    if (request.method().equals(HttpMethod.GET)) {
      response.end();
      return;
    }
    response.endHandler(ended -> response.reset(NO_ERROR));
    if (chunked) {
      response.write(LONG); // without a length
      response.end();
    } else {
      response.end(LONG);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void areWholeForWhoReadsThemLater(boolean chunked) throws Exception {
    Endpoint endpoint = endpoint(backend(request -> served(request, chunked)));
    PushedBody body = new PushedBody(OptionalLong.of(100));
    Future<Response> early = begin(() -> send(post(body), HTTP2, endpoint));
    until(body::wanted);
    Future<Void> begun = begin(() -> body.write(Buffer.buffer("begun")));

    Response answer = await(early);
    await(exchanged(get("/"), HTTP2, endpoint)); // its connection's: what was before is known
    Answer read = onLoop(() -> read(answer));

    assertThat(read.body()).isEqualTo(LONG);
    await(begun.otherwiseEmpty());
  }
}
