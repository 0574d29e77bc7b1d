package dev.weft.testkit.load;

import dev.weft.testkit.fault.Ledger;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Callers of one port of loopback, each of whom sends its next request when the last has ended. A
 * request has an id of its own in {@link Ledger#ID}, is sent once, and what became of it is kept. A
 * load that does not wait for answers is {@link LoadRun}.
 */
public final class Callers {

  private static final int MOST_AT_A_TIME = 4096;

  private final Vertx vertx;
  private final HttpClientAgent client;
  private final int port;
  private final String host;
  private final String run = UUID.randomUUID().toString();
  private final AtomicInteger ids = new AtomicInteger();

  /**
   * @param host the name that requests carry
   */
  public Callers(Vertx vertx, Way way, int port, String host) {
    this.vertx = vertx;
    this.port = port;
    this.host = host;
    this.client = vertx.httpClientBuilder().with(way.options()).with(way.pool()).build();
  }

  /**
   * @param requests in all
   * @param atATime how many are under way
   */
  public Future<Tally> send(Asked asked, int requests, int atATime) {
    Tally tally = new Tally();
    AtomicInteger left = new AtomicInteger(requests);
    Future<Void> all = Future.succeededFuture();
    for (int i = 0; i < Math.min(atATime, MOST_AT_A_TIME); i++) {
      Promise<Void> done = Promise.promise();
      vertx.getOrCreateContext().runOnContext(begin -> next(asked, left, tally, done));
      all = Future.join(all, done.future()).mapEmpty();
    }
    return all.map(tally);
  }

  private void next(Asked asked, AtomicInteger left, Tally tally, Promise<Void> done) {
    if (left.getAndDecrement() <= 0) {
      done.complete();
      return;
    }
    send(asked)
        .onComplete(
            sent -> {
              tally.add(sent.result());
              next(asked, left, tally, done);
            });
  }

  /** One request; what becomes of it, whatever that is. */
  public Future<Sent> send(Asked asked) {
    String id = run + "-" + ids.incrementAndGet();
    long begun = System.nanoTime();
    RequestOptions options =
        new RequestOptions()
            .setMethod(asked.method())
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI(asked.path())
            .putHeader(Ledger.ID, id);
    Optional<HttpClientResponse> none = Optional.empty();
    Promise<Sent> ended = Promise.promise();
    client
        .request(options)
        .compose(request -> sent(request.authority(HostAndPort.create(host, -1)), asked))
        .onSuccess(response -> read(id, begun, response, ended))
        .onFailure(broken -> ended.tryComplete(sent(id, begun, none, broken.toString())));
    long timer =
        vertx.setTimer(
            asked.patience().toMillis(),
            late -> ended.tryComplete(sent(id, begun, none, "the client's patience ended")));
    return ended.future().onComplete(end -> vertx.cancelTimer(timer));
  }

  private static void read(
      String id, long begun, HttpClientResponse response, Promise<Sent> ended) {
    Optional<HttpClientResponse> head = Optional.of(response);
    response
        .body()
        .onSuccess(body -> ended.tryComplete(sent(id, begun, head, "")))
        .onFailure(cut -> ended.tryComplete(sent(id, begun, head, "cut: " + cut)));
  }

  private static Future<HttpClientResponse> sent(HttpClientRequest request, Asked asked) {
    return asked.bodyBytes() == 0
        ? request.send()
        : request.send(Buffer.buffer("b".repeat(asked.bodyBytes())));
  }

  private static Sent sent(
      String id, long begun, Optional<HttpClientResponse> response, String broken) {
    Duration time = Duration.ofNanos(System.nanoTime() - begun);
    String told = response.map(head -> head.getHeader("proxy-status")).orElse("");
    return new Sent(
        id,
        response.map(HttpClientResponse::statusCode).orElse(0),
        broken.isEmpty(),
        broken.isEmpty() ? told : broken,
        response.map(head -> head.getHeader("x-envoy-overloaded")).isPresent(),
        time);
  }

  /** Closes its connections; what is under way breaks. */
  public Future<Void> close() {
    return client.close();
  }
}
