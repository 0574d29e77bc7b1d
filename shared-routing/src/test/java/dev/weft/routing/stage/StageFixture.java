package dev.weft.routing.stage;

import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Action;
import dev.weft.routing.exchange.Decision.Fault;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestBody;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.body.BufferBody;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Exchanges without sockets, with time turned by hand. */
public abstract class StageFixture {

  static final ClusterName V1 = ClusterName.outbound("reviews.test", 80, "v1");
  static final ClusterName SHADOW = ClusterName.outbound("shadow.test", 80, "");

  protected final HandTimers time = new HandTimers();
  protected final List<Exchange> served = new ArrayList<>();

  /** Answers 200 with four bytes, and notes what it was asked. */
  protected final Service backend =
      exchange -> {
        served.add(exchange);
        return Future.succeededFuture(new LocalResponse(200, Buffer.buffer("four")));
      };

  Caller caller = Caller.anonymous("10.0.0.9", 4711, 80, false);

  protected Exchange get(String... headers) {
    return exchange("GET", new BufferBody(Buffer.buffer()), headers);
  }

  /** A call of gRPC. */
  Exchange grpc(String... headers) {
    MultiMap all = HttpHeaders.headers().add("content-type", "application/grpc");
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1]);
    }
    return exchange(HttpVersion.HTTP_2, "POST", new BufferBody(Buffer.buffer()), all);
  }

  protected Exchange exchange(String method, RequestBody body, String... headers) {
    MultiMap all = HttpHeaders.headers();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1]);
    }
    return exchange(HttpVersion.HTTP_1_1, method, body, all);
  }

  private Exchange exchange(HttpVersion version, String method, RequestBody body, MultiMap all) {
    RequestHead head = new RequestHead(method, "http", "shop.test:80", "/a", "q=1", all);
    Request request = new Request(head, version, false, body, HttpHeaders.headers().addAll(all));
    Exchange exchange = new Exchange(request, caller, new Exchange.Loop(0, time, time), 42);
    decide(exchange, new Forward(V1, 0));
    return exchange;
  }

  static void decide(Exchange exchange, Action action) {
    decide(exchange, action, Optional.empty(), List.of());
  }

  static void decide(
      Exchange exchange, Action action, Optional<Fault> fault, List<ClusterName> mirrors) {
    Request request = exchange.request();
    exchange.decided(
        new Decision(
            new RouteId("default/t#0", 0),
            action,
            request.head().target(),
            request.head().authority(),
            fault,
            mirrors));
  }

  protected static ProxyFailure failure(Future<Response> answer) {
    return (ProxyFailure) answer.cause();
  }
}
