package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.settings.Settings;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.resilience.AlwaysClosed;
import dev.weft.routing.resilience.rate.RateLimiters;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.route.RouteTableCompiler;
import dev.weft.routing.stage.edge.EdgePolicies;
import dev.weft.routing.transport.UpstreamClient;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rules as they are carried out, without sockets, with time turned by hand. */
abstract class StageOrderFixture {

  static final String[] PREFLIGHT = {
    "origin", "https://a.test", "access-control-request-method", "PUT"
  };

  static final String LIMITED =
      "{routes: [{match: {route: 'default/t#0'}, rateLimit: {requests: 1, per: 1h}}]}";

  final HandTimers time = new HandTimers();
  final List<Integer> observed = new ArrayList<>();
  final List<String> sent = new ArrayList<>();
  final RateLimiters limiters = new RateLimiters(time);
  String settings = "{}"; // of the proxy
  boolean failing;
  boolean silent;

  final UpstreamClient client =
      (exchange, settings, endpoint, attempt) -> {
        sent.add(settings.name().host() + " " + exchange.request().target());
        Promise<Response> answer = Promise.promise();
        exchange.onCancel(answer::tryFail);
        if (failing) {
          answer.tryFail(new ProxyFailure(Cause.CONNECT_REFUSED, "nobody"));
        } else if (!silent) {
          answer.tryComplete(new LocalResponse(200, Buffer.buffer()));
        }
        return answer.future();
      };

  Future<Response> serve(String more, String method, String... headers) {
    return serve(more, exchange(method, headers));
  }

  Future<Response> serve(String more, Exchange exchange) {
    String rule = (more.startsWith("route:") ? "" : "route: [{destination: {host: b}}], ") + more;
    RouteTable table = table("{" + rule + "}");
    StageOrder order = order();
    Routing routing = new Routing(table, chains(table, order), order.refusal());
    return routing.serve(exchange);
  }

  static List<Service> chains(RouteTable table, StageOrder order) {
    return table.routes().stream().map(route -> order.chain(route, route.clusters())).toList();
  }

  RouteTable table(String rules) {
    LoadResult result = load(rules);
    assertThat(result.accepted()).as(result.problems().toString()).isTrue();
    return RouteTableCompiler.mesh(result.config(), "default", Map.of());
  }

  LoadResult load(String rules) {
    String text =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: t}
        spec: {hosts: [shop.test], http: [%s]}
        ---
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: %s
        """
            .formatted(rules, settings);
    return ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", text)));
  }

  StageOrder order() {
    Settings wanted =
        Settings.of(
            load("{route: [{destination: {host: b}}]}").config().proxySettings(),
            "default",
            Map.of());
    return new StageOrder(
        (ended, ending) -> observed.add(ending.status()),
        List.of(client),
        new StageOrder.Asked(wanted, new EdgePolicies(wanted), Optional.empty()),
        limiters,
        Optional.empty(),
        this::upstream);
  }

  Upstream upstream(ClusterName name) {
    Upstream upstream =
        new Upstream(
            new UpstreamSettings(name, TrafficPolicy.NONE, HttpChoice.HTTP_1),
            time,
            new AlwaysClosed(),
            (endpoint, ejected) -> {});
    Endpoint endpoint = new Endpoint("10.0.0.1", 80, Map.of(), "", 1, new UpstreamTls.Plaintext());
    upstream.endpoints(new EndpointSet(List.of(endpoint), ""));
    return upstream;
  }

  Exchange exchange(String method, String... headers) {
    return exchange(method, new BufferBody(Buffer.buffer()), headers);
  }

  Exchange exchange(String method, BufferBody body, String... headers) {
    MultiMap all = HttpHeaders.headers();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1]);
    }
    RequestHead head = new RequestHead(method, "http", "shop.test", "/a", "", all);
    Request request =
        new Request(head, HttpVersion.HTTP_1_1, false, body, HttpHeaders.headers().addAll(all));
    return new Exchange(
        request,
        Caller.anonymous("10.0.0.9", 4711, 80, false),
        new Exchange.Loop(0, time, time),
        42);
  }
}
