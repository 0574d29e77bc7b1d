package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every 5xx that the gateway makes tells its cause: outside that alone, in the log all of it. */
final class FailuresIT extends GatewayFixture {

  private static final String TO_BACKEND = "{route: [{destination: {host: backend.test}}]}";

  private Path log;

  @BeforeEach
  void logged() {
    log = state.resolve("access.log");
    accessLog = log.toString();
  }

  @Test
  void nobodyListens() throws Exception {
    gateway(rules(TO_BACKEND), entry(1));

    JsonObject line = failed("/", 503, "connection_refused", "connect_refused");

    assertThat(line.getString("cause")).isEqualTo("connect_refused");
    assertThat(line.getString("flags")).isEqualTo("UF");
    assertThat(line.getString("detail"))
        .startsWith(
            "route default/rules#0: cluster outbound|80||backend.test: endpoint 127.0.0.1:1:")
        .contains(" (attempt ");
    assertThat(line.getString("endpoint")).isEqualTo("127.0.0.1:1");
    assertThat(line.getString("route")).isEqualTo("default/rules#0");
  }

  @Test
  void theDestinationDoesNotExist() throws Exception {
    gateway(rules("{route: [{destination: {host: nowhere.test}}]}"));

    assertThat(
            failed("/", 503, "destination_unavailable", "no_healthy_upstream").getString("detail"))
        .contains("nowhere.test");
  }

  @Test
  void theConnectionEndsBeforeAnAnswer() throws Exception {
    int backend = backend(request -> request.connection().close());
    gateway(
        rules("{retries: {attempts: 0}, route: [{destination: {host: backend.test}}]}"),
        entry(backend));

    assertThat(failed("/", 503, "connection_terminated", "upstream_reset").getString("cause"))
        .isEqualTo("upstream_reset");
  }

  @Test
  void whatComesIsNoHttp() throws Exception {
    int backend =
        await(
                kept(vertx.createNetServer())
                    .connectHandler(
                        socket -> socket.handler(any -> socket.end(Buffer.buffer("SSH-2.0-x\r\n"))))
                    .listen(0, "127.0.0.1"))
            .actualPort();
    gateway(rules(TO_BACKEND), entry(backend));

    assertThat(failed("/", 502, "http_protocol_error", "upstream_protocol").getString("cause"))
        .isEqualTo("upstream_protocol");
  }

  @Test
  void itTakesTooLong() throws Exception {
    int backend = backend(request -> {});
    gateway(
        rules("{timeout: 100ms, route: [{destination: {host: backend.test}}]}"), entry(backend));

    JsonObject line = failed("/", 504, "http_response_timeout", "upstream_timeout");

    assertThat(line.getString("cause")).isEqualTo("upstream_timeout");
    assertThat(line.getString("flags")).isEqualTo("UT");
  }

  @Test
  void oneTryTakesTooLong() throws Exception {
    int backend = backend(request -> {});
    gateway(
        rules(
            "{retries: {attempts: 1, perTryTimeout: 100ms},"
                + " route: [{destination: {host: backend.test}}]}"),
        entry(backend));

    JsonObject line = failed("/", 504, "http_response_timeout", "per_try_timeout");

    assertThat(line.getString("cause")).isEqualTo("per_try_timeout");
  }

  @Test
  void thereAreTooManyRequests() throws Exception {
    Promise<HttpServerRequest> first = Promise.promise();
    int backend = backend(first::tryComplete);
    gateway(
        rules(TO_BACKEND),
        entry(backend),
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: small}
        spec:
          host: backend.test
          trafficPolicy: {connectionPool: {http: {http2MaxRequests: 1}}}
        """);
    Future<HttpClientResponse> held =
        request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/first", Buffer.buffer());
    await(first.future());

    JsonObject line = failed("/second", 503, "connection_limit_reached", "overflow");
    first.future().result().response().end();

    assertThat(line.getString("cause")).isEqualTo("overflow");
    assertThat(line.getString("attempts")).isEqualTo("0");
    assertThat(await(held).statusCode()).isEqualTo(200);
  }

  @Test
  void theBreakerIsOpen() throws Exception {
    int backend = backend(request -> request.response().setStatusCode(500).end("own fault"));
    gateway(rules(TO_BACKEND), entry(backend));

    HttpClientResponse answer = answer("/");
    for (int i = 0; i < 200 && answer.statusCode() == 500; i++) {
      assertThat(answer.getHeader("proxy-status")).as("not made here").isNull();
      answer = answer("/" + i);
    }

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.getHeader("proxy-status"))
        .isEqualTo("weft; error=destination_unavailable; cause=breaker_open");
    assertThat(answer.getHeader("x-envoy-overloaded")).isEqualTo("true");
  }

  @Test
  void aRuleSaysSo() throws Exception {
    gateway(
        rules("{match: [{uri: {prefix: /direct}}], directResponse: {status: 503}}")
            .replace(
                "]}\n",
                ", {fault: {abort: {httpStatus: 503, percentage: {value: 100}}},"
                    + " route: [{destination: {host: backend.test}}]}]}\n"),
        entry(1));

    assertThat(
            failed("/direct", 503, "proxy_internal_response", "direct_response")
                .getString("status"))
        .isEqualTo("503");
    JsonObject fault = failed("/fault", 503, "proxy_configuration_error", "fault_injected");
    assertThat(fault.getString("attempts")).isEqualTo("0");
    assertThat(fault.getString("cause")).isEqualTo("fault_injected");
    assertThat(fault.getString("flags")).isEqualTo("FI");
  }

  @Test
  void aCallOfGrpcIsAnsweredInItsOwnWords() throws Exception {
    admin = FreePorts.next();
    gateway(rules(TO_BACKEND), entry(1));

    HttpClientResponse answer =
        await(
            client(new HttpClientOptions())
                .request(
                    options(HttpMethod.POST, "/shop.Cart/Add")
                        .putHeader("content-type", "application/grpc"))
                .compose(Requests::sent));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.getHeader("grpc-status")).isEqualTo("14");
    assertThat(answer.getHeader("proxy-status"))
        .isEqualTo("weft; error=connection_refused; cause=connect_refused");
    JsonObject line = line("/shop.Cart/Add");
    assertThat(line.getString("cause")).isEqualTo("connect_refused");
    assertThat(line.getInteger("status")).as("as it was answered").isEqualTo(200);
    assertThat(line.getInteger("grpc_status")).isEqualTo(14);
    assertThat(admin("/metrics"))
        .containsPattern(
            "istio_requests_total\\{[^}]*grpc_response_status=\"14\"[^}]*request_protocol=\"grpc\","
                + "response_code=\"200\",response_flags=\"UF\"[^}]*} 1.0\n")
        .contains("weft_route_failures_total{route=\"default/rules#0\"} 1.0\n");
  }

  /** The line of a request that fails so, once it was written. */
  private JsonObject failed(String path, int status, String error, String cause) throws Exception {
    HttpClientResponse answer = answer(path);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.getHeader("proxy-status"))
        .isEqualTo("weft; error=" + error + "; cause=" + cause);
    JsonObject line = line(path);
    assertThat(line.getInteger("status")).isEqualTo(status);
    assertThat(line.getString("cause")).isEqualTo(cause);
    return line;
  }

  private HttpClientResponse answer(String path) throws Exception {
    return await(request(HttpVersion.HTTP_1_1, HttpMethod.GET, path, Buffer.buffer()));
  }

  private JsonObject line(String path) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    do {
      List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
      for (String line : lines) {
        if (line.endsWith("}") && new JsonObject(line).getString("path").equals(path)) {
          return new JsonObject(line);
        }
      }
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    } while (System.nanoTime() < end);
    throw new AssertionError("no line for " + path);
  }
}
