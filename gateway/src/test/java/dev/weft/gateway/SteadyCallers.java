package dev.weft.gateway;

import dev.weft.testkit.Requests;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Callers that ask again and again while something is done to the gateway. */
final class SteadyCallers {

  private static final int CALLERS = 8;
  private static final int LONGEST_SECONDS = 15; // for one answer

  private final HttpClient client;
  private final Supplier<RequestOptions> wanted;
  private final AtomicBoolean going = new AtomicBoolean(true);
  private final AtomicInteger good = new AtomicInteger();
  private final AtomicInteger bad = new AtomicInteger();

  private SteadyCallers(HttpClient client, Supplier<RequestOptions> wanted) {
    this.client = client;
    this.wanted = wanted;
  }

  /**
   * Begins.
   *
   * @param wanted of shop.test, at each request
   */
  static SteadyCallers of(HttpClient client, Supplier<RequestOptions> wanted) {
    SteadyCallers callers = new SteadyCallers(client, wanted);
    for (int i = 0; i < CALLERS; i++) {
      callers.ask();
    }
    return callers;
  }

  private void ask() {
    client
        .request(wanted.get())
        .compose(
            request -> {
              request.authority(HostAndPort.create("shop.test", 80));
              return Requests.sent(request);
            })
        .compose(response -> response.body().map(body -> response.statusCode()))
        .timeout(LONGEST_SECONDS, TimeUnit.SECONDS)
        .onComplete(
            answer -> {
              boolean well = answer.succeeded() && answer.result() == 200;
              (well ? good : bad).incrementAndGet();
              if (going.get()) {
                ask();
              }
            });
  }

  /** No more begin. */
  void stop() {
    going.set(false);
  }

  /** How many were answered with 200. */
  int good() {
    return good.get();
  }

  /** How many were not. */
  int bad() {
    return bad.get();
  }
}
