package dev.weft.benchmarks;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.NoBody;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** One request after the other, to one service; without connections. */
final class Exchanges {

  static final Ending FINE = new Ending(200, Optional.empty(), OptionalInt.empty(), 0, 0);

  private static final String CAME = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0";

  final Loop loop = new Loop(0, (delay, task) -> () -> {}, new SystemTicker());
  final Future<Response> answer = Future.succeededFuture(new LocalResponse(200, Buffer.buffer()));
  private final Caller caller = Caller.anonymous("127.0.0.1", 40_000, 8080, false);
  private final Decision decision =
      new Decision(
          new RouteId("default/shop#0", 0),
          new Forward(ClusterName.outbound("shop.test", 80, ""), 0),
          "/find",
          "shop.test",
          Optional.empty(),
          List.of());
  private long seed = 7;

  /**
   * The next one, decided.
   *
   * @param flag of the trace that it comes with, {@code 0} or {@code 1}; empty without one
   */
  Exchange next(String flag) {
    MultiMap headers =
        HttpHeaders.headers().add("host", "shop.test").add("x-request-id", "r").add("accept", "*");
    if (!flag.isEmpty()) {
      headers.add("traceparent", CAME + flag);
    }
    RequestHead head = new RequestHead("GET", "http", "shop.test", "/find", "", headers);
    Request request = new Request(head, HttpVersion.HTTP_1_1, false, new NoBody(), headers);
    Exchange exchange = new Exchange(request, caller, loop, seed++);
    exchange.decided(decision);
    return exchange;
  }
}
