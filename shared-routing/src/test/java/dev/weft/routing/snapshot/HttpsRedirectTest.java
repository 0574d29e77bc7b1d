package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.resilience.AlwaysClosed;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Gateway's server with {@code httpsRedirect}, as compiled. */
final class HttpsRedirectTest {

  private static final String GATEWAY =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        servers:
        - port: {number: 8080, name: a, protocol: HTTP}
          hosts: ['*.shop.test']
          tls: {httpsRedirect: true}
        - port: {number: 8080, name: b, protocol: HTTP}
          hosts: [open.shop.test]
        - port: {number: 8081, name: c, protocol: HTTP}
          hosts: ['*.shop.test']
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: t}
      spec:
        hosts: ['*.shop.test']
        gateways: [edge]
        http: [{directResponse: {status: 204}}]
      """;

  private final HandTimers time = new HandTimers();

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          8080 ; a.shop.test      ; /x?q=1 ; 301 https://a.shop.test/x?q=1
          8080 ; a.shop.test:8080 ; /      ; 301 https://a.shop.test/
          8080 ; open.shop.test   ; /x     ; 204 null
          8081 ; a.shop.test      ; /x     ; 204 null
          """)
  void plainHttpIsSentToHttps(int port, String host, String target, String told) {
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", GATEWAY)));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    SnapshotCompiler compiler =
        new SnapshotCompiler(
            new Workload("default", "edge", "cluster.local", Map.of()),
            new Plan(Map.of(), false, true),
            new UpstreamRegistry(time, (name, heard) -> new AlwaysClosed(), new Nobody()),
            (version, log) -> (exchange, ending) -> {},
            List.of());

    PortRouting routing = compiler.compile(1, result.config(), Map.of()).gateway().get(port);
    Response answer = routing.serve(get(port, host, target)).result();

    assertThat(answer.status() + " " + answer.headers().get("location")).isEqualTo(told);
  }

  private Exchange get(int port, String host, String target) {
    int question = target.indexOf('?');
    RequestHead head =
        new RequestHead(
            "GET",
            "http",
            host,
            question < 0 ? target : target.substring(0, question),
            question < 0 ? "" : target.substring(question + 1),
            HttpHeaders.headers());
    Request request =
        new Request(
            head,
            HttpVersion.HTTP_1_1,
            false,
            new BufferBody(Buffer.buffer()),
            HttpHeaders.headers());
    return new Exchange(
        request, Caller.anonymous("10.0.0.1", 1, port, false), new Exchange.Loop(0, time, time), 1);
  }
}
