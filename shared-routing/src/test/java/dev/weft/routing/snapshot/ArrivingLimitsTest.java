package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.resilience.AlwaysClosed;
import dev.weft.routing.telemetry.HandTicker;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Limits by service, of requests that the kernel redirected to their application's sidecar. */
final class ArrivingLimitsTest {

  private static final String CONFIG =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: search}
      spec:
        hosts: [search.test]
        resolution: STATIC
        ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
        endpoints: [{address: 10.0.0.1, serviceAccount: search}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: admin}
      spec:
        hosts: [admin.test]
        resolution: STATIC
        ports: [{number: 80, name: http, protocol: HTTP, targetPort: 9090}]
        endpoints: [{address: 10.0.0.1, serviceAccount: search}]
      ---
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default}
      spec: {routes: [{match: {host: search.test}, rateLimit: {requests: 1, per: 1h}}]}
      """;

  private final HandTicker ticker = new HandTicker();

  @Test
  void aServiceHasItsOwnAndOthersAreNotLimited() {
    Service delivery = delivery();

    assertThat(causes(delivery, 8080)).containsExactly(Cause.UPSTREAM_RESET, Cause.RATE_LIMITED);
    assertThat(causes(delivery, 9090)).containsOnly(Cause.UPSTREAM_RESET);
  }

  private Service delivery() {
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", CONFIG)));
    assertThat(result.accepted()).as(result.problems().toString()).isTrue();
    return new SnapshotCompiler(
            new Workload("default", "search", "cluster.local", Map.of()),
            Intercepting.plan(false, Unknown.ALLOW_ANY),
            new UpstreamRegistry(ticker, (name, told) -> new AlwaysClosed(), new Nobody()),
            (version, log) -> (exchange, ending) -> {},
            List.of(
                (exchange, settings, endpoint, attempt) ->
                    Future.failedFuture(new ProxyFailure(Cause.UPSTREAM_RESET, "nobody"))))
        .compile(1, result.config(), Map.of())
        .redirection()
        .orElseThrow()
        .delivery();
  }

  private List<Cause> causes(Service delivery, int port) {
    HandTimers timers = new HandTimers();
    List<Future<?>> answers =
        List.of(delivery.serve(exchange(port, timers)), delivery.serve(exchange(port, timers)));
    return answers.stream().map(answer -> ((ProxyFailure) answer.cause()).reason()).toList();
  }

  private Exchange exchange(int port, HandTimers timers) {
    Caller caller =
        Caller.anonymous("10.0.0.9", 1, port, false)
            .meaning(new InetSocketAddress("10.0.0.1", port));
    RequestHead head = new RequestHead("POST", "http", "a.test", "/", "", HttpHeaders.headers());
    Request request =
        new Request(
            head,
            HttpVersion.HTTP_1_1,
            false,
            new BufferBody(Buffer.buffer()),
            HttpHeaders.headers());
    return new Exchange(request, caller, new Exchange.Loop(0, timers, ticker), 1);
  }
}
