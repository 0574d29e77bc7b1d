package dev.weft.gateway;

import dev.weft.testkit.Requests;
import dev.weft.testkit.trace.OtlpReceiver;
import dev.weft.testkit.trace.ToldSpan;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** A gateway that tells a collector, in front of a backend that says which trace it was told. */
abstract class TracesFixture extends GatewayFixture {

  static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  static final String SPAN = "00f067aa0ba902b7";
  static final String SAMPLED = "00-" + TRACE + "-" + SPAN + "-01";
  static final String NOT_SAMPLED = "00-" + TRACE + "-" + SPAN + "-00";

  private static final List<String> HEADERS =
      List.of(
          "traceparent",
          "tracestate",
          "b3",
          "x-b3-traceid",
          "x-b3-spanid",
          "x-b3-parentspanid",
          "x-b3-sampled",
          "x-b3-flags");

  HttpClientAgent caller;

  /** Headers of traces that a request has, as {@code name=value} in the order of the names here. */
  static String seen(HttpServerRequest request) {
    return HEADERS.stream()
        .filter(name -> request.headers().contains(name))
        .map(name -> name + "=" + request.getHeader(name))
        .collect(Collectors.joining(" "));
  }

  static String telemetry(String tracing) {
    return """
        apiVersion: telemetry.istio.io/v1
        kind: Telemetry
        metadata: {name: mesh, namespace: istio-system}
        spec: {tracing: [%s]}
        """
        .formatted(tracing);
  }

  /**
   * @param provider the entry without its name and port
   */
  static String collector(String settings, String provider, int port) {
    return """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec:
          %s
          extensionProviders:
          - {name: told, %s}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: collector}
        spec:
          hosts: [collector.test]
          resolution: STATIC
          ports: [{number: 4317, name: tcp-spans}]
          endpoints: [{address: 127.0.0.1, ports: {tcp-spans: %d}}]
        """
        .formatted(settings, provider, port);
  }

  OtlpReceiver receiver() throws Exception {
    return await(new OtlpReceiver(vertx).listen());
  }

  /** The answer's body. */
  String asked(String... headers) throws Exception {
    if (caller == null) {
      caller = vertx.createHttpClient(new HttpClientOptions());
    }
    RequestOptions options = options(HttpMethod.GET, "/shop?q=1");
    MultiMap all = MultiMap.caseInsensitiveMultiMap().add("host", "shop.test");
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1]);
    }
    return await(
            caller
                .request(options.setHeaders(all))
                .compose(request -> Requests.sent(request).compose(GatewayFixture::body)))
        .toString();
  }

  /** Waits, with more patience than it takes, until something holds. */
  static void until(Callable<Boolean> holds) throws Exception {
    for (int i = 0; i < 3000; i++) {
      if (holds.call()) {
        return;
      }
      LockSupport.parkNanos(20_000_000);
    }
    throw new AssertionError("it did not come to hold within a minute");
  }

  /** Waits for so many spans. */
  static List<ToldSpan> told(OtlpReceiver receiver, int count) throws Exception {
    until(() -> receiver.spans().size() >= count);
    return receiver.spans();
  }

  /** The value of a metric; -1 where it is not told. */
  double metric(String start) throws Exception {
    return admin("/metrics")
        .lines()
        .filter(line -> line.startsWith(start))
        .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(-1.0);
  }

  /** As Prometheus asks that keeps exemplars. */
  String openMetrics() throws Exception {
    RequestOptions options =
        new RequestOptions()
            .setHost("127.0.0.1")
            .setPort(admin)
            .setURI("/metrics")
            .putHeader("accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
    return await(
            caller
                .request(options)
                .compose(request -> Requests.sent(request).compose(GatewayFixture::body)))
        .toString();
  }

  List<JsonObject> kept(String query) throws Exception {
    JsonArray all = new JsonObject(admin("/traces" + query)).getJsonArray("traces");
    return all.stream().map(JsonObject.class::cast).toList();
  }

  static Map<String, String> attributes(ToldSpan span) {
    return span.attributes();
  }
}
