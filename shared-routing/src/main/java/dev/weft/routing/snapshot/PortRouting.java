package dev.weft.routing.snapshot;

import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Redirect;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.snapshot.guard.Guard;
import dev.weft.routing.snapshot.tcp.PortConnections;
import dev.weft.routing.stage.grpcweb.GrpcWebStage;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What one port of a gateway serves: each server its own routes, and 421 where a request is for
 * another server than its connection met, so that nobody comes to routes behind a client's
 * certificate by the handshake of a server that asks for none. Immutable.
 *
 * @param routings by the position of their server
 * @param connections where those go that are not HTTP
 * @param services likewise, with what stands above the routes of one server alone
 * @param refusal carries out what no rule matched
 * @param guard who may come in here
 */
public record PortRouting(
    PortServers servers,
    List<Routing> routings,
    PortConnections connections,
    List<Service> services,
    Service refusal,
    Guard guard)
    implements Service {

  private static final List<Stage> WEB = List.of(new GrpcWebStage());

  public PortRouting {
    routings = List.copyOf(routings);
    services = List.copyOf(services);
  }

  /**
   * @param routings by the position of their server
   */
  static PortRouting of(
      PortServers servers,
      List<Routing> routings,
      PortConnections connections,
      Service refusal,
      Guard guard) {
    List<Service> services = new ArrayList<>(routings.size());
    for (int i = 0; i < routings.size(); i++) {
      Routing routing = routings.get(i);
      boolean web = servers.servers().get(i).server().grpcWeb();
      services.add(web ? Stage.chain(WEB, routing) : routing);
    }
    return new PortRouting(servers, routings, connections, services, refusal, guard);
  }

  @Override
  public Future<Response> serve(Exchange exchange) {
    RequestHead head = exchange.request().head();
    int position = servers.position(exchange.caller(), head.authority());
    if (position < 0) {
      exchange.decided(Decision.misdirected(head));
      return guard.open() ? refusal.serve(exchange) : guard.refuse(exchange);
    }
    return guard.open()
        ? admitted(exchange, position)
        : guard.admit(exchange, exchange.caller().localPort(), one -> admitted(one, position));
  }

  private Future<Response> admitted(Exchange exchange, int position) {
    if (!exchange.caller().tls() && redirects(position)) {
      return redirected(exchange);
    }
    return services.get(position).serve(exchange);
  }

  private boolean redirects(int position) {
    return PortServers.redirects(servers.servers().get(position).server());
  }

  private static Future<Response> redirected(Exchange exchange) {
    exchange.request().body().discard();
    RequestHead head = exchange.request().head();
    Response response = new LocalResponse(301, Buffer.buffer());
    String location = PortServers.redirection(head);
    response.headers().set(HttpHeaderNames.LOCATION, location);
    exchange.decided(Decision.refused(head, new Redirect(301, location)));
    return Future.succeededFuture(response);
  }

  /** The tables of the port, each once. */
  public List<RouteTable> tables() {
    return routings.stream().map(Routing::table).distinct().toList();
  }
}
