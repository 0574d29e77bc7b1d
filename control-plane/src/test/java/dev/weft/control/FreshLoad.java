package dev.weft.control;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.Requests;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.RequestOptions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** One request after the other, each over a new mTLS connection, until it is ended. */
final class FreshLoad {

  private static final int PAUSE_MILLIS = 20;

  private final AtomicInteger answered = new AtomicInteger();
  private final Map<String, Integer> failures = new ConcurrentHashMap<>();
  private final Vertx vertx;
  private final Supplier<WorkloadIdentity> as;
  private final HttpClient fresh;
  private final int port;
  private volatile boolean over;

  /**
   * @param as who asks, at each request anew
   */
  FreshLoad(Vertx vertx, Supplier<WorkloadIdentity> as, HttpServer to) {
    this.vertx = vertx;
    this.as = as;
    this.port = to.actualPort();
    this.fresh = vertx.createHttpClient(new HttpClientOptions().setKeepAlive(false));
    next();
  }

  int answered() {
    return answered.get();
  }

  /** How often each cause came. */
  Map<String, Integer> failures() {
    return failures;
  }

  void end() {
    over = true;
  }

  private void next() {
    RequestOptions options =
        new RequestOptions()
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/")
            .setSsl(true)
            .setSslOptions(MeshTls.client(as.get(), new SystemTicker()));
    fresh
        .request(options)
        .compose(Requests::sent)
        .compose(response -> response.body())
        .onSuccess(body -> answered.incrementAndGet())
        .onFailure(cause -> failures.merge(String.valueOf(cause.getMessage()), 1, Integer::sum))
        .onComplete(
            done -> {
              if (!over) {
                vertx.setTimer(PAUSE_MILLIS, again -> next());
              }
            });
  }
}
