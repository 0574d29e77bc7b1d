package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import dev.weft.testkit.trace.OtlpReceiver;
import dev.weft.testkit.trace.ToldSpan;
import io.opentelemetry.proto.trace.v1.Span.Link;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Gateway, sidecar, application, its sidecar again, another sidecar, another application. */
@Timeout(90)
final class TracedPathIT extends SidecarFixture {

  private static final String SHOP = "spiffe://cluster.local/ns/default/sa/shop";
  private static final String GATEWAY = "spiffe://cluster.local/ns/default/sa/gateway";
  private static final List<String> PASSED = List.of("traceparent", "tracestate");

  private OtlpReceiver receiver;
  private int edge;
  private int outbound;
  private HttpClientAgent agent;

  /** The first application asks the second; what it passes on is said by {@code headers}. */
  private void open(List<String> headers) throws Exception {
    receiver = await(new OtlpReceiver(vertx).listen());
    agent = agent(new HttpClientOptions());
    edge = FreePorts.next();
    outbound = FreePorts.next();
    int shop = FreePorts.next();
    int search = FreePorts.next();
    int first = listening(request -> asks(request, headers));
    int second = listening(request -> request.response().end("found"));
    Path config = config("config", services(shop, search), traces());
    proxy("search", SEARCH, config, "--inbound", at(search) + "=" + at(second));
    proxy(
        "shop", SHOP, config, "--inbound", at(shop) + "=" + at(first), "--outbound", at(outbound));
    await(
        edge(
            FreePorts.next(),
            "--config",
            "dir:" + config,
            "--identity",
            "dir:" + identity("gateway", mesh.good(GATEWAY)),
            "--service-account",
            "default/gateway",
            "--labels",
            "app=gateway"));
  }

  private void proxy(String name, String id, Path config, String... ports) throws Exception {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--config",
                "dir:" + config,
                "--identity",
                "dir:" + identity(name, mesh.good(id)),
                "--service-account",
                "default/" + name,
                "--labels",
                "app=" + name));
    flags.addAll(List.of(ports));
    await(sidecar(FreePorts.next(), flags.toArray(String[]::new)));
  }

  private static String at(int port) {
    return "127.0.0.1:" + port;
  }

  private int listening(Handler<HttpServerRequest> handler) throws Exception {
    HttpServer server = vertx.createHttpServer().requestHandler(handler);
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  private void asks(HttpServerRequest request, List<String> headers) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost("127.0.0.1")
            .setPort(outbound)
            .setURI("/find")
            .putHeader("host", "search.default.svc.cluster.local");
    headers.stream()
        .filter(name -> request.headers().contains(name))
        .forEach(name -> options.putHeader(name, request.getHeader(name)));
    agent
        .request(options)
        .compose(Requests::sent)
        .compose(answer -> answer.body())
        .onSuccess(body -> request.response().end(body))
        .onFailure(failed -> request.response().setStatusCode(500).end());
  }

  private String services(int shop, int search) {
    return """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          selector: {app: gateway}
          servers: [{port: {number: %d, name: http, protocol: HTTP}, bind: 127.0.0.1, hosts: ["*"]}]
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: shop}
        spec:
          hosts: [shop.test]
          gateways: [edge]
          http: [{route: [{destination: {host: shop.default.svc.cluster.local}}]}]
        ---
        """
            .formatted(edge)
        + service("shop", shop)
        + "---\n"
        + service("search", search);
  }

  private static String service(String name, int port) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %1$s}
        spec:
          hosts: [%1$s.default.svc.cluster.local]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 127.0.0.1, ports: {http: %2$d}, serviceAccount: %1$s, labels: {app: %1$s}}]
        """
        .formatted(name, port);
  }

  private String traces() {
    return """
        apiVersion: telemetry.istio.io/v1
        kind: Telemetry
        metadata: {name: mesh, namespace: istio-system}
        spec: {tracing: [{providers: [{name: told}], randomSamplingPercentage: 100}]}
        ---
        apiVersion: telemetry.istio.io/v1
        kind: Telemetry
        metadata: {name: asked, namespace: default}
        spec: {tracing: [{randomSamplingPercentage: 0}], selector: {matchLabels: {app: shop}}}
        ---
        """
        + receiver.configuration();
  }

  /** By the service that tells it and what it calls; four hops, each with one attempt. */
  private Map<String, ToldSpan> spans() throws Exception {
    for (int i = 0; i < 1500 && receiver.spans().size() < 8; i++) {
      LockSupport.parkNanos(20_000_000);
    }
    assertThat(receiver.spans()).hasSize(8);
    return receiver.spans().stream()
        .collect(
            Collectors.toMap(
                span ->
                    span.service()
                        + (span.attributes().get("upstream_cluster").startsWith("in") ? " in" : "")
                        + (span.server() ? "" : " try"),
                Function.identity()));
  }

  private String asked() throws Exception {
    return await(
        agent
            .request(
                new RequestOptions()
                    .setMethod(HttpMethod.GET)
                    .setHost("127.0.0.1")
                    .setPort(edge)
                    .setURI("/")
                    .putHeader("host", "shop.test"))
            .compose(Requests::sent)
            .compose(answer -> answer.body())
            .map(Object::toString));
  }

  private static void below(Map<String, ToldSpan> spans, String child, String parent) {
    assertThat(spans.get(child).parent()).as(child).isEqualTo(spans.get(parent).id());
  }

  @Test
  void whereTheApplicationPassesTheHeadersOnAllOfItIsOneTrace() throws Exception {
    open(PASSED);

    assertThat(asked()).isEqualTo("found");

    Map<String, ToldSpan> spans = spans();
    assertThat(spans.values())
        .extracting(ToldSpan::trace)
        .containsOnly(spans.get("gateway.default").trace());
    assertThat(spans.get("gateway.default").parent()).isEmpty();
    below(spans, "gateway.default try", "gateway.default");
    below(spans, "shop.default in", "gateway.default try");
    below(spans, "shop.default in try", "shop.default in");
    below(spans, "shop.default", "shop.default in try");
    below(spans, "shop.default try", "shop.default");
    below(spans, "search.default in", "shop.default try");
    below(spans, "search.default in try", "search.default in");
    assertThat(spans.values()).allMatch(span -> span.span().getLinksCount() == 0);
  }

  @Test
  void whereItPassesTheRequestsIdAloneTheLinkIsMarkedAsInferred() throws Exception {
    open(List.of("x-request-id"));

    asked();

    inferred(spans(), "request_id");
  }

  @Test
  void andWhereItPassesNothingOnToo() throws Exception {
    open(List.of());

    asked();

    inferred(spans(), "only_request_under_way");
  }

  private static void inferred(Map<String, ToldSpan> spans, String by) {
    ToldSpan came = spans.get("shop.default in");
    ToldSpan asks = spans.get("shop.default");
    assertThat(asks.trace()).as("a trace of its own").isNotEqualTo(came.trace());
    assertThat(spans.get("search.default in").trace()).isEqualTo(asks.trace());
    assertThat(asks.span().getLinksCount()).isEqualTo(1);
    Link link = asks.span().getLinks(0);
    assertThat(HexFormat.of().formatHex(link.getTraceId().toByteArray())).isEqualTo(came.trace());
    assertThat(HexFormat.of().formatHex(link.getSpanId().toByteArray())).isEqualTo(came.id());
    assertThat(asks.attributes())
        .containsEntry("weft.link", "inferred")
        .containsEntry("weft.link.by", by)
        .containsEntry("weft.link.trace", came.trace());
    assertThat(came.attributes()).doesNotContainKey("weft.link");
  }
}
