package dev.weft.routing.verticle;

import dev.weft.config.model.Gateway.Protocol;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotStore;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** The ports that Gateway resources ask for. */
public final class GatewayListening {

  private static final String ALL_ADDRESSES = "0.0.0.0";

  private GatewayListening() {}

  /** One for each port of {@code snapshot}; what each serves is asked of {@code store} anew. */
  public static List<Listening> of(Snapshot snapshot, SnapshotStore store) {
    return snapshot.ports().stream().map(port -> listening(port, store)).toList();
  }

  private static Listening listening(Plan.Port port, SnapshotStore store) {
    String host = port.bind().isEmpty() ? ALL_ADDRESSES : port.bind();
    ListenerSettings settings = ListenerSettings.of(host, port.number(), Role.EDGE);
    int number = port.number();
    Service routes = store.service(now -> now.gateway().get(number));
    Service service = exchange -> serve(exchange, number, store, routes);
    return new Listening(
        "gateway " + host + ":" + number, settings, new GatewayServerTls(store, number), service);
  }

  private static Future<Response> serve(
      Exchange exchange, int port, SnapshotStore store, Service routes) {
    boolean plain = exchange.request().head().scheme().equals("http");
    if (!plain || !redirects(store, port)) {
      return routes.serve(exchange);
    }
    exchange.request().body().discard();
    RequestHead head = exchange.request().head();
    Response response = new LocalResponse(301, Buffer.buffer());
    String host = head.authority().replaceFirst(":\\d+$", "");
    response.headers().set(HttpHeaderNames.LOCATION, "https://" + host + head.target());
    return Future.succeededFuture(response);
  }

  /** Whether the servers of a port that take plain HTTP send it to HTTPS. */
  private static boolean redirects(SnapshotStore store, int port) {
    return store.current().stream()
        .flatMap(snapshot -> snapshot.ports().stream())
        .filter(one -> one.number() == port)
        .flatMap(one -> one.servers().stream())
        .filter(server -> server.protocol() != Protocol.HTTPS)
        .anyMatch(server -> server.tls().filter(tls -> tls.httpsRedirect()).isPresent());
  }
}
