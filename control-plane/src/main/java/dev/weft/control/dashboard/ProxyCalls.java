package dev.weft.control.dashboard;

import dev.weft.control.proxies.ProxyState;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Asks proxies by their admin ports: at the address that their stream comes from, over mTLS, and
 * whoever answers must prove the identity of that stream. Only the event loop of the control plane
 * may enter.
 */
final class ProxyCalls {

  private static final int CONNECT_MILLIS = 2_000;
  private static final int IDLE_SECONDS = 60;
  private static final long ANSWER_MILLIS = 5_000; // to a question, with its whole answer
  private static final int MOST_BYTES = 8 << 20; // of an answer
  private static final int CONNECTIONS = 4; // to one proxy, for questions
  private static final int READERS = 32; // to one proxy, for who looks at its pages or taps

  private final Vertx vertx;
  private final HttpClient client; // of questions, which nobody who reads for long keeps waiting
  private final HttpClient reading;
  private final Supplier<WorkloadIdentity> own;
  private final Ticker ticker;
  private final Map<Long, Shown> shown = new HashMap<>(); // by stream, so that pools are shared

  /** As whom this process shows itself to a proxy. */
  private record Shown(WorkloadIdentity identity, ClientSSLOptions tls) {}

  /**
   * @param own identity of this control plane
   */
  ProxyCalls(Vertx vertx, Supplier<WorkloadIdentity> own, Ticker ticker) {
    this.vertx = vertx;
    this.own = own;
    this.ticker = ticker;
    this.client = client(vertx, CONNECTIONS);
    this.reading = client(vertx, READERS);
  }

  private static HttpClient client(Vertx vertx, int connections) {
    return vertx.createHttpClient(
        new HttpClientOptions()
            .setSsl(true)
            .setSslEngineOptions(MeshTls.engine())
            .setConnectTimeout(CONNECT_MILLIS)
            .setIdleTimeout(IDLE_SECONDS)
            .setIdleTimeoutUnit(TimeUnit.SECONDS),
        new PoolOptions().setHttp1MaxSize(connections));
  }

  /** Why a proxy cannot be asked; empty where it can. */
  static Optional<String> refusal(ProxyState proxy) {
    return proxy.standing().about().adminPort() > 0
        ? Optional.empty()
        : Optional.of("it has no --control-admin port");
  }

  /** For whoever sends requests of its own by {@link #request}. */
  HttpClient client() {
    return reading;
  }

  /**
   * A request that was not sent yet, for somebody who reads its answer as long as he likes; fails
   * where the proxy has no port or is not there.
   */
  Future<HttpClientRequest> request(ProxyState proxy, HttpMethod method, String uri) {
    return request(reading, proxy, method, uri);
  }

  private Future<HttpClientRequest> request(
      HttpClient by, ProxyState proxy, HttpMethod method, String uri) {
    Optional<String> refusal = refusal(proxy);
    if (refusal.isPresent()) {
      return Future.failedFuture(refusal.get());
    }
    return by.request(
        new RequestOptions()
            .setHost(proxy.peer().host())
            .setPort(proxy.standing().about().adminPort())
            .setMethod(method)
            .setURI(uri)
            .setSsl(true)
            .setSslOptions(tls(proxy)));
  }

  private ClientSSLOptions tls(ProxyState proxy) {
    WorkloadIdentity now = own.get();
    Shown known = shown.get(proxy.stream());
    if (known == null || !known.identity.equals(now)) {
      known = new Shown(now, MeshTls.to(now, proxy.id(), ticker));
      shown.put(proxy.stream(), known);
    }
    return known.tls;
  }

  /** Forgets those that are not there any more. */
  void retain(List<ProxyState> present) {
    Set<Long> streams = present.stream().map(ProxyState::stream).collect(Collectors.toSet());
    shown.keySet().retainAll(streams);
  }

  /** What a proxy answers: an object of bounded size, within bounded time. */
  Future<JsonObject> ask(ProxyState proxy, String uri) {
    return request(client, proxy, HttpMethod.GET, uri)
        .compose(
            request -> {
              request.idleTimeout(ANSWER_MILLIS);
              Future<Buffer> body = request.send().compose(ProxyCalls::body);
              return body.timeout(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                  .onFailure(late -> request.reset());
            })
        .compose(text -> vertx.executeBlocking(() -> read(text), false));
  }

  private static JsonObject read(Buffer text) {
    try {
      return new JsonObject(text);
    } catch (DecodeException | ClassCastException e) {
      throw new IllegalArgumentException("it answers what cannot be read", e);
    }
  }

  private static Future<Buffer> body(HttpClientResponse response) {
    if (response.statusCode() != 200) {
      return Future.failedFuture("it answers with status " + response.statusCode());
    }
    Buffer all = Buffer.buffer();
    Promise<Buffer> whole = Promise.promise();
    response
        .exceptionHandler(whole::tryFail)
        .endHandler(end -> whole.tryComplete(all))
        .handler(
            part -> {
              if (all.length() + part.length() > MOST_BYTES) {
                whole.tryFail("its answer is longer than " + MOST_BYTES + " bytes");
              } else if (!whole.future().isComplete()) {
                all.appendBuffer(part);
              }
            });
    return whole.future();
  }
}
