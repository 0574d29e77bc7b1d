package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import dev.weft.testkit.trace.OtlpReceiver;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.NetSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A gateway of the namespace {@code edge}, and in {@code prod} a shop, two versions of a search
 * that it asks, calls of gRPC, lines of TCP that have no sidecar, and a service without endpoints.
 * All that is asked of them is counted here too.
 */
abstract class MeasuredMeshFixture extends SidecarFixture {

  static final String EDGE_ID = "spiffe://cluster.local/ns/edge/sa/gateway";
  static final String SHOP_ID = "spiffe://cluster.local/ns/prod/sa/shop";
  static final String SEARCH_ID = "spiffe://cluster.local/ns/prod/sa/search";
  static final int SLOW_MILLIS = 30;
  static final int ASKED_BYTES = 2_000;
  static final int FOUND_BYTES = 5_000;
  static final int LINE_BYTES = 3_000;

  final Map<String, Integer> sent = new TreeMap<>(); // by what was asked, and what came of it
  final List<Long> shopNanos = new ArrayList<>(); // of each request to the shop, as callers saw it
  long slowestNanos; // of all answers
  final Map<String, Integer> admins = new TreeMap<>(); // by the proxy's name

  private OtlpReceiver collector;
  private HttpClientAgent agent;
  private HttpClientAgent multiplexed;
  private int edge;
  private int lines;
  private int plain;
  private int outbound;

  /** Starts all of it. */
  void open() throws Exception {
    collector = await(new OtlpReceiver(vertx).listen());
    agent = agent(new HttpClientOptions());
    multiplexed =
        agent(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    edge = FreePorts.next();
    lines = FreePorts.next();
    plain = FreePorts.next();
    outbound = FreePorts.next();
    int calls = FreePorts.next();
    int one = FreePorts.next();
    int two = FreePorts.next();
    int echo =
        await(vertx.createNetServer().connectHandler(this::twice).listen(0, "127.0.0.1"))
            .actualPort();
    Path config =
        config(
            "config",
            MeasuredMesh.edge(edge, lines),
            MeasuredMesh.shop(plain),
            MeasuredMesh.calls(calls),
            MeasuredMesh.search(one, two),
            MeasuredMesh.lines(echo),
            MeasuredMesh.gone(),
            MeasuredMesh.traces(collector));
    proxy("search-v1", SEARCH_ID, "app=search,version=v1", config, to(one, search("v1")));
    proxy("search-v2", SEARCH_ID, "app=search,version=v2", config, to(two, search("v2")));
    List<String> shop = new ArrayList<>(to(plain, listening(this::shop)));
    shop.addAll(to(calls, listening(MeasuredMeshFixture::call)));
    shop.addAll(List.of("--outbound", "127.0.0.1:" + outbound));
    proxy("shop", SHOP_ID, "app=shop,service.istio.io/workload-name=shop-primary", config, shop);
    admins.put("gateway", FreePorts.next());
    await(edge(admins.get("gateway"), flags("gateway", EDGE_ID, "app=gateway", config)));
  }

  private void proxy(String name, String id, String labels, Path config, List<String> ports)
      throws Exception {
    List<String> all = new ArrayList<>(List.of(flags(name, id, labels, config)));
    all.addAll(ports);
    admins.put(name, FreePorts.next());
    await(sidecar(admins.get(name), all.toArray(String[]::new)));
  }

  private String[] flags(String name, String id, String labels, Path config) throws Exception {
    String[] parts = id.split("/", -1);
    return new String[] {
      "--config",
      "dir:" + config,
      "--identity",
      "dir:" + identity(name, mesh.good(id)),
      "--service-account",
      parts[4] + "/" + parts[6],
      "--labels",
      labels
    };
  }

  private static List<String> to(int port, int application) {
    return List.of("--inbound", "127.0.0.1:" + port + "=127.0.0.1:" + application);
  }

  private int listening(Handler<HttpServerRequest> handler) throws Exception {
    HttpServer server =
        vertx
            .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true))
            .requestHandler(handler);
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  /** What comes goes back twice. */
  private void twice(NetSocket socket) {
    socket.handler(piece -> socket.write(piece).compose(done -> socket.write(piece)));
  }

  private int search(String version) throws Exception {
    return listening(
        request -> {
          int status = request.path().equals("/fail") ? 500 : 200;
          Runnable answer =
              () ->
                  request
                      .response()
                      .putHeader("version", version)
                      .setStatusCode(status)
                      .end(Buffer.buffer(new byte[FOUND_BYTES]));
          if (request.path().equals("/slow")) {
            vertx.setTimer(SLOW_MILLIS, fired -> answer.run());
          } else {
            answer.run();
          }
        });
  }

  /** It answers as the search does. */
  private void shop(HttpServerRequest request) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setHost("127.0.0.1")
            .setPort(outbound)
            .setURI(request.uri())
            .putHeader("host", "search.prod.svc.cluster.local");
    if (request.headers().contains("traceparent")) {
      options.putHeader("traceparent", request.getHeader("traceparent"));
    }
    request
        .body()
        .compose(body -> agent.request(options).compose(found -> Requests.sent(found, body)))
        .compose(
            answer ->
                answer
                    .body()
                    .compose(
                        body ->
                            request
                                .response()
                                .putHeader("version", answer.getHeader("version"))
                                .setStatusCode(answer.statusCode())
                                .end(body)))
        .onFailure(failed -> request.response().setStatusCode(599).end());
  }

  private static void call(HttpServerRequest request) {
    String status = request.path().equals("/calls/Fail") ? "14" : "0";
    request
        .response()
        .putHeader("content-type", "application/grpc")
        .putTrailer("grpc-status", status)
        .end(Buffer.buffer(new byte[5])); // an empty message
  }

  private RequestOptions to(int port, HttpMethod method, String host, String path) {
    return new RequestOptions()
        .setMethod(method)
        .setHost("127.0.0.1")
        .setPort(port)
        .setURI(path)
        .putHeader("host", host);
  }

  private HttpClientResponse answered(Future<HttpClientResponse> asked) throws Exception {
    long began = System.nanoTime();
    HttpClientResponse answer = await(asked);
    await(answer.body());
    slowestNanos = Math.max(slowestNanos, System.nanoTime() - began);
    return answer;
  }

  private void counted(String what) {
    sent.merge(what, 1, Integer::sum);
  }

  /** How often, by what was asked and came of it. */
  int sent(String what) {
    return sent.getOrDefault(what, 0);
  }

  /** From outside to the shop, with a body. */
  void askShop(String path, Map<String, String> headers) throws Exception {
    RequestOptions options = to(edge, HttpMethod.POST, "shop.test", path);
    headers.forEach(options::putHeader);
    long began = System.nanoTime();
    HttpClientResponse answer =
        answered(
            agent
                .request(options)
                .compose(request -> Requests.sent(request, Buffer.buffer(new byte[ASKED_BYTES]))));
    shopNanos.add(System.nanoTime() - began);
    counted("shop " + answer.statusCode());
    counted("search " + answer.getHeader("version") + " " + answer.statusCode());
  }

  /** Past the gateway, by one who has no sidecar. */
  void askPlainly() throws Exception {
    RequestOptions options = to(plain, HttpMethod.GET, "shop.prod.svc.cluster.local", "/find");
    HttpClientResponse answer = answered(agent.request(options).compose(Requests::sent));
    counted("plain " + answer.statusCode());
    counted("search " + answer.getHeader("version") + " " + answer.statusCode());
  }

  /** What has no endpoints. */
  void askNobody() throws Exception {
    RequestOptions options = to(edge, HttpMethod.GET, "gone.test", "/");
    counted("gone " + answered(agent.request(options).compose(Requests::sent)).statusCode());
  }

  /** A call of gRPC, whose name says how it ends. */
  void call(String name) throws Exception {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(edge)
            .setURI("/calls/" + name)
            .putHeader("content-type", "application/grpc")
            .putHeader("te", "trailers");
    HttpClientResponse answer =
        answered(
            multiplexed
                .request(options)
                .compose(
                    request -> {
                      request.authority(HostAndPort.create("calls.test", -1));
                      return Requests.sent(request, Buffer.buffer(new byte[5]));
                    }));
    counted("calls " + answer.getTrailer("grpc-status"));
  }

  /** A line of TCP, both ways; the connection stays. */
  NetSocket line() throws Exception {
    NetSocket socket = await(vertx.createNetClient().connect(lines, "127.0.0.1"));
    Buffer back = Buffer.buffer();
    Future<Void> whole =
        Future.future(
            promise ->
                socket.handler(
                    piece -> {
                      back.appendBuffer(piece);
                      if (back.length() == 2 * LINE_BYTES) {
                        promise.complete();
                      }
                    }));
    socket.write(Buffer.buffer(new byte[LINE_BYTES]));
    await(whole);
    assertThat(back.length()).isEqualTo(2 * LINE_BYTES);
    counted("lines");
    return socket;
  }
}
