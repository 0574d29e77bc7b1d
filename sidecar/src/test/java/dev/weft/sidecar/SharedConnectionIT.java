package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What requests that share a connection between sidecars do to each other. */
@Timeout(120)
final class SharedConnectionIT extends HopsFixture {

  private static final int[] SIZES = {100, 262_144, 100, 10_240, 100, 131_072, 0, 1024};
  private static final int AT_ONCE = 24;
  private static final int ROUNDS = 60;
  private static final int SLOW = 40;
  private static final int LONG_PARTS = 512;
  private static final Buffer PART = Buffer.buffer(new byte[1 << 16]);
  private static final int STILL = 50;
  private static final int MOST_ASKED = 10_000;

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
    open("HTTP", served(SharedConnectionIT::answered), "");
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

  @Test
  void manyThatDoNotReadTheirAnswersHoldUpNobody() throws Exception {
    AtomicLong given = new AtomicLong();
    open("HTTP", served(request -> answered(request, given)), "");
    HttpClientAgent callers = callers();
    List<NetSocket> slow = new ArrayList<>();
    for (int i = 0; i < SLOW; i++) {
      slow.add(await(unread()));
    }

    int still = 0;
    long before = 0;
    for (int i = 0; i < MOST_ASKED && still < STILL; i++) {
      assertThat(await(asked(callers, 100, false)).length()).isEqualTo(100);
      long now = given.get();
      still = now >= SLOW && now == before ? still + 1 : 0;
      before = now;
    }

    assertThat(still).as("nothing moves but what is read").isEqualTo(STILL);
    assertThat(given.get()).isLessThan((long) SLOW * LONG_PARTS);
    slow.forEach(NetSocket::close);
  }

  /** A caller who asks for much and reads nothing. */
  private Future<NetSocket> unread() {
    NetClient client = vertx.createNetClient(new NetClientOptions().setReceiveBufferSize(1 << 13));
    return client
        .connect(outbound, "127.0.0.1")
        .onSuccess(
            socket -> {
              socket.pause();
              socket.write(RawHttp.lines("GET /long HTTP/1.1", "Host: " + HOST, ""));
            });
  }

  private static void answered(HttpServerRequest request, AtomicLong given) {
    if (!request.path().equals("/long")) {
      answered(request);
      return;
    }
    long length = (long) LONG_PARTS * PART.length();
    request.response().putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
    give(request.response(), LONG_PARTS, given);
  }

  private static void give(HttpServerResponse response, int parts, AtomicLong given) {
    int left = parts;
    while (left > 0 && !response.writeQueueFull()) {
      left--;
      given.incrementAndGet();
      if (left == 0) {
        response.end(PART);
        return;
      }
      response.write(PART);
    }
    int more = left;
    response.drainHandler(drained -> give(response, more, given));
  }
}
