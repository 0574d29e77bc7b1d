package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What requests that share a connection between sidecars do to each other. */
@Timeout(120)
final class SharedConnectionIT extends HopsFixture {

  private static final String SHARED = "connectionPool: {http: {h2UpgradePolicy: UPGRADE}}";
  private static final int[] SIZES = {100, 262_144, 100, 10_240, 100, 131_072, 0, 1024};
  private static final int AT_ONCE = 24;
  private static final int ROUNDS = 60;

  private HttpClientAgent callers() {
    return agent(new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(AT_ONCE));
  }

  private int served(Handler<HttpServerRequest> handler) throws Exception {
    return await(vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"))
        .actualPort();
  }

  private Future<Buffer> asked(HttpClientAgent callers, int bytes, boolean sent) {
    return callers
        .request(
            new RequestOptions()
                .setMethod(sent ? HttpMethod.POST : HttpMethod.GET)
                .setHost("127.0.0.1")
                .setPort(outbound)
                .setURI("/" + bytes))
        .compose(
            request -> {
              request.authority(HostAndPort.create(HOST, -1));
              return sent
                  ? Requests.sent(request, Buffer.buffer(new byte[bytes]))
                  : Requests.sent(request);
            })
        .compose(HttpClientResponse::body);
  }

  @Test
  void answersOfAllSizesComeWhateverElseIsOnTheirWay() throws Exception {
    open("HTTP", served(SharedConnectionIT::answered), SHARED);
    HttpClientAgent callers = callers();
    for (int round = 0; round < ROUNDS; round++) {
      List<Future<Buffer>> all = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        all.add(asked(callers, SIZES[(i * 5 + round) % SIZES.length], (i + round) % 3 == 0));
      }

      for (int i = 0; i < AT_ONCE; i++) {
        int size = SIZES[(i * 5 + round) % SIZES.length];
        assertThat(await(all.get(i)).length()).as("round %d", round).isEqualTo(size);
      }
    }
  }

  /** As many bytes as its path says, once all came that was sent. */
  private static void answered(HttpServerRequest request) {
    int bytes = Integer.parseInt(request.path().substring(1));
    request.body().onSuccess(body -> request.response().end(Buffer.buffer(new byte[bytes])));
  }
}
