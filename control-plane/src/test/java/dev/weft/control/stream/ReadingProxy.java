package dev.weft.control.stream;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a stream over HTTP/2 as fast as it can and counts: lines of configuration, and the bytes of
 * all lines but signs of life. Keeps nothing of them. Asks again until it is answered.
 */
final class ReadingProxy {

  private static final long AGAIN_MILLIS = 100;
  private static final int HEAD = 12; // bytes that tell what a line is: {"version":

  private final Vertx vertx;
  private final WorkloadIdentity identity;
  private final Ticker ticker;
  private final HttpClientAgent client;
  private final Map<Integer, Promise<Void>> waiting = new HashMap<>();
  private final StringBuilder head = new StringBuilder();
  private long inLine; // bytes of the one that is read
  private long received;
  private int lines;

  ReadingProxy(Vertx vertx, WorkloadIdentity identity, Ticker ticker) {
    this.vertx = vertx;
    this.identity = identity;
    this.ticker = ticker;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setUseAlpn(true));
  }

  void open(String host, int port) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost(host)
            .setPort(port)
            .setURI("/v1/config")
            .setSsl(true)
            .setSslOptions(MeshTls.toControl(identity, ticker));
    client
        .request(options)
        .compose(request -> request.send())
        .onSuccess(this::opened)
        .onFailure(refused -> vertx.setTimer(AGAIN_MILLIS, again -> open(host, port)));
  }

  private void opened(HttpClientResponse response) {
    if (response.version() != HttpVersion.HTTP_2) {
      throw new IllegalStateException("the control plane speaks " + response.version());
    }
    response.handler(this::read);
  }

  private synchronized void read(Buffer bytes) {
    for (int i = 0; i < bytes.length(); i++) {
      byte one = bytes.getByte(i);
      inLine++;
      if (one == '\n') {
        ended();
      } else if (head.length() < HEAD) {
        head.append((char) one);
      }
    }
  }

  private void ended() {
    if (head.length() > 2) {
      received += inLine;
    }
    if (head.indexOf("{\"version\":") == 0) {
      lines++;
      Promise<Void> reached = waiting.remove(lines);
      if (reached != null) {
        reached.complete();
      }
    }
    head.setLength(0);
    inLine = 0;
  }

  /** Done once it has had so many lines of configuration. */
  synchronized Future<Void> until(int many) {
    return lines >= many
        ? Future.succeededFuture()
        : waiting.computeIfAbsent(many, any -> Promise.promise()).future();
  }

  synchronized long received() {
    return received;
  }

  synchronized int lines() {
    return lines;
  }
}
