package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision.Denied;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.resilience.AlwaysClosed;
import dev.weft.routing.snapshot.guard.Guard;
import dev.weft.routing.telemetry.HandTicker;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where policies are asked: wherever requests come in, and not where they go out. */
final class GuardTest {

  private static final String DENY =
      "{action: DENY, rules: [{to: [{operation: {ports: ['%s']}}]}]}";

  private final HandTicker ticker = new HandTicker();
  private Future<Response> upstream =
      Future.succeededFuture(new LocalResponse(200, Buffer.buffer()));

  @Test
  void aSidecarAsksForItsApplicationByTheApplicationsPort() {
    Service inbound = compiled(sidecar(), DENY.formatted(80)).inbound().get(15006);
    Service other = compiled(sidecar(), DENY.formatted(15006)).inbound().get(15006);

    assertThat(cause(inbound)).isEqualTo(Cause.DENIED);
    assertThat(other.serve(exchange()).succeeded()).isTrue();
  }

  @Test
  void aDenialNamesThePolicyAndItsRule() {
    Service inbound = compiled(sidecar(), DENY.formatted(80)).inbound().get(15006);

    assertThat(inbound.serve(exchange()).cause()).hasMessage("denied by default/p rule 1");
  }

  @Test
  void whatGoesOutIsNotAsked() {
    assertThat(cause(compiled(sidecar(), "{}").mesh())).isEqualTo(Cause.NO_ROUTE);
  }

  @Test
  void aGatewayAsksBeforeItTellsWhatRulesItHas() {
    Plan gateway = new Plan(Map.of(), true, true);

    assertThat(cause(compiled(gateway, "{}").mesh())).isEqualTo(Cause.DENIED);
    assertThat(cause(compiled(gateway, DENY.formatted(1)).mesh())).isEqualTo(Cause.NO_ROUTE);
    assertThat(cause(compiled(gateway, "{}").gateway().get(8443))).isEqualTo(Cause.DENIED);
  }

  @Test
  void whereConnectionsAreRedirectedNoWayInGoesUnasked() {
    Plan intercepting = Intercepting.plan(false, Unknown.ALLOW_ANY);
    Redirection closed = compiled(intercepting, "{}").redirection().orElseThrow();
    Redirection ofOnePort = compiled(intercepting, DENY.formatted(1)).redirection().orElseThrow();
    Redirection rehearsed = compiled(intercepting, "{}", "true").redirection().orElseThrow();

    assertThat(cause(closed.delivery())).isEqualTo(Cause.DENIED);
    assertThat(closed.denies(caller()))
        .contains("denied: no rule that allows matches, of default/p");
    assertThat(cause(ofOnePort.delivery())).as("nobody redirected it").isEqualTo(Cause.NO_CLUSTER);
    assertThat(ofOnePort.denies(caller())).isEmpty();
    assertThat(rehearsed.denies(caller())).isEmpty();
  }

  @Test
  void whatIsDeniedGoesNowhereElse() {
    Plan intercepting = Intercepting.plan(true, Unknown.ALLOW_ANY);
    Exchange exchange = exchange(Optional.of(new InetSocketAddress("192.0.2.1", 80)));

    Future<Response> answer = compiled(intercepting, "{}").mesh().serve(exchange);

    assertThat(answer.cause()).isInstanceOf(ProxyFailure.class).hasMessageStartingWith("denied");
  }

  @Test
  void withoutAPolicyNothingStandsBeforeAService() {
    Service inside = exchange -> Future.failedFuture("inside");

    assertThat(Guard.OPEN.before(Caller::localPort, inside)).isSameAs(inside);
  }

  @ParameterizedTest
  @CsvSource({
    "'192.0.2.7', true",
    "'10.9.9.9, 192.0.2.7', true",
    "'192.0.2.7, 10.9.9.9', false",
    "'', false",
    "'192.0.2.7, unknown', false",
  })
  void insideTheMeshTheClientIsWhomTheGatewaySaw(String told, boolean denied) {
    String deny = "{action: DENY, rules: [{from: [{source: {remoteIpBlocks: [192.0.2.0/24]}}]}]}";
    Service inbound = compiled(sidecar(), deny).inbound().get(15006);
    Service gateway = compiled(new Plan(Map.of(), true, true), deny).mesh();

    Exchange proved = exchange(caller().proved("spiffe://cluster.local/ns/a/sa/edge", "a"), told);
    Exchange anybody = exchange(caller(), told);
    Exchange outside = exchange(caller().proved("spiffe://cluster.local/ns/a/sa/edge", "a"), told);

    assertThat(inbound.serve(proved).failed()).isEqualTo(denied);
    assertThat(inbound.serve(anybody).failed()).isFalse();
    assertThat(gateway.serve(outside).cause()).hasMessageNotContaining("denied");
  }

  @Test
  void aDryRunLetsEverybodyIn() {
    Service inbound = compiled(sidecar(), DENY.formatted(80), "true").inbound().get(15006);

    assertThat(inbound.serve(exchange()).succeeded()).isTrue();
  }

  @Test
  void aGatewayDeniesAddressesBeforeAllElseAndASidecarDoesNotLook() {
    Plan gateway = new Plan(Map.of(), true, true);
    String here = "{edge: {denyFrom: [10.0.0.0/8]}}";
    String elsewhere = "{edge: {denyFrom: [192.0.2.0/24]}}";

    assertThat(cause(compiled(gateway, DENY.formatted(1), "false", here).mesh()))
        .isEqualTo(Cause.ADDRESS_DENIED);
    assertThat(cause(compiled(gateway, "{}", "false", here).gateway().get(8443)))
        .isEqualTo(Cause.ADDRESS_DENIED);
    assertThat(cause(compiled(gateway, DENY.formatted(1), "false", elsewhere).mesh()))
        .isEqualTo(Cause.NO_ROUTE);
    assertThat(
            compiled(gateway, DENY.formatted(1), "false", here).mesh().guard().denies(caller(), 1))
        .contains("address " + caller().address() + " is in denyFrom");
    assertThat(
            compiled(sidecar(), DENY.formatted(1), "false", here)
                .inbound()
                .get(15006)
                .serve(exchange()))
        .matches(Future::succeeded);
  }

  @Test
  void whereRequestsComeInAnAuthorizerIsAskedAndWithoutItsAnswerNobodyComesIn() {
    Plan gateway = new Plan(Map.of(), true, true);
    Plan intercepting = Intercepting.plan(false, Unknown.ALLOW_ANY);
    String there = "endpoints: [{address: 10.9.9.9}]";
    String nobody = "workloadSelector: {labels: {app: authz}}";

    for (String endpoints : List.of(there, nobody)) {
      boolean lets = endpoints.equals(there);
      Snapshot beside = asking(sidecar(), endpoints);
      Snapshot edge = asking(gateway, endpoints);
      Snapshot redirected = asking(intercepting, endpoints);

      assertThat(asked(beside.inbound().get(15006))).isEqualTo(!lets);
      assertThat(asked(edge.mesh())).isEqualTo(!lets);
      assertThat(asked(edge.gateway().get(8443))).isEqualTo(!lets);
      assertThat(asked(redirected.redirection().orElseThrow().delivery())).isEqualTo(!lets);
      assertThat(asked(beside.mesh())).as("what goes out is not asked about").isFalse();
      assertThat(redirected.redirection().orElseThrow().denies(caller()))
          .as("of a connection there is nothing to ask")
          .contains("denied by default/p rule 1");
    }
  }

  @Test
  void whoWaitsForAnAnswerAboutHimHasAPlaceAmongThoseUnderWay() {
    Plan gateway = new Plan(Map.of(), true, true);
    Promise<Response> answer = Promise.promise();
    upstream = answer.future();
    Service mesh =
        asking(gateway, "endpoints: [{address: 10.9.9.9}]", ", overload: {maxInFlight: 1}").mesh();

    Future<Response> waits = mesh.serve(exchange());
    Future<Response> second = mesh.serve(exchange());

    assertThat(second.cause()).hasMessage("route -: 1 are under way");
    assertThat(waits.isComplete()).isFalse();
    answer.complete(new LocalResponse(200, Buffer.buffer()));
    assertThat(waits.cause()).as("its place is its own").hasMessageContaining("host");
    assertThat(cause(mesh)).as("its place was given back").isEqualTo(Cause.NO_ROUTE);
  }

  @Test
  void noLogTellsATokenOfARequestThatIsRefusedBeforeItIsLookedAt() {
    Plan gateway = new Plan(Map.of(), true, true);
    String tokens =
        """
        {action: DENY, rules: [{to: [{operation: {ports: ['1']}}]}]}
        ---
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: t}
        spec: {jwtRules: [{issuer: test, jwksUri: 'https://k.test/'}]}
        """;
    Exchange denied = bearing("a=1&access_token=secret&b=2");
    Exchange several = bearing("access_token=secret", "authorization", "Basic YTpi");

    compiled(gateway, tokens, "false", "{edge: {denyFrom: [0.0.0.0/0, '::/0']}}")
        .mesh()
        .serve(denied);
    Future<Response> answer = compiled(gateway, tokens, "false", "{}").mesh().serve(several);

    assertThat(answer.cause()).hasMessage("several Authorization headers");
    assertThat(denied.decision().target()).isEqualTo("/?a=1&b=2");
    assertThat(several.decision().target()).isEqualTo("/");
    assertThat(several.request().head().target()).isEqualTo("/");
  }

  private static Exchange bearing(String query, String... more) {
    MultiMap headers = HttpHeaders.headers().add("authorization", "Bearer secret");
    for (int i = 0; i < more.length; i += 2) {
      headers.add(more[i], more[i + 1]);
    }
    RequestHead head = new RequestHead("GET", "http", "a.test", "/", query, headers);
    Request request =
        new Request(
            head,
            HttpVersion.HTTP_1_1,
            false,
            new BufferBody(Buffer.buffer()),
            HttpHeaders.headers().addAll(headers));
    return new Exchange(
        request, caller(), new Exchange.Loop(0, new HandTimers(), new HandTicker()), 1);
  }

  private Snapshot asking(Plan plan, String endpoints) {
    return asking(plan, endpoints, "");
  }

  private Snapshot asking(Plan plan, String endpoints, String more) {
    String custom =
        """
        {action: CUSTOM, provider: {name: sample}, rules: [{}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: authz, namespace: auth}
        spec:
          hosts: [authz.test]
          exportTo: ['.']
          resolution: STATIC
          ports: [{number: 9000, name: http}]
          %s
        """
            .formatted(endpoints);
    String provider =
        "{extensionProviders: [{name: sample, envoyExtAuthzHttp: {service: authz.test, port: 9000}}]%s}"
            .formatted(more);
    return compiled(plan, custom, "false", provider);
  }

  /** Whether a request is refused since its authorizer does not answer. */
  private static boolean asked(Service service) {
    Exchange exchange = exchange();
    service.serve(exchange);
    return exchange.decision().action() instanceof Denied denied
        && denied.reason().reason() == Cause.AUTHORIZER_FAILED;
  }

  private static Plan sidecar() {
    return new Plan(Map.of(15006, new Plan.Application("127.0.0.1", 80)), true, false);
  }

  private static Cause cause(Service service) {
    return ((ProxyFailure) service.serve(exchange()).cause()).reason();
  }

  private Snapshot compiled(Plan plan, String spec) {
    return compiled(plan, spec, "false");
  }

  private Snapshot compiled(Plan plan, String spec, String dryRun) {
    return compiled(plan, spec, dryRun, "{}");
  }

  private Snapshot compiled(Plan plan, String spec, String dryRun, String proxy) {
    String text =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p, annotations: {istio.io/dry-run: "%s"}}
        spec: %s
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          selector: {app: a}
          servers:
          - port: {number: 8443, name: http, protocol: HTTP}
            hosts: ["*"]
        ---
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: %s
        """
            .formatted(dryRun, spec, proxy);
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", text)));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    return new SnapshotCompiler(
            new Workload("default", "a", "cluster.local", Map.of("app", "a")),
            plan,
            new UpstreamRegistry(ticker, (name, told) -> new AlwaysClosed(), new Nobody()),
            (version, log) -> (exchange, ending) -> {},
            List.of((exchange, settings, endpoint, attempt) -> upstream))
        .compile(1, result.config(), Map.of());
  }

  private static Exchange exchange() {
    return exchange(Optional.empty());
  }

  private static Caller caller() {
    return Caller.anonymous("10.0.0.1", 1, 8443, false);
  }

  private static Exchange exchange(Optional<InetSocketAddress> meant) {
    return exchange(meant.map(caller()::meaning).orElse(caller()), "");
  }

  private static Exchange exchange(Caller caller, String forwardedFor) {
    RequestHead head = new RequestHead("GET", "http", "a.test", "/", "", HttpHeaders.headers());
    Request request =
        new Request(
            head,
            HttpVersion.HTTP_1_1,
            false,
            new BufferBody(Buffer.buffer()),
            forwardedFor.isEmpty()
                ? HttpHeaders.headers()
                : HttpHeaders.headers().add("x-forwarded-for", forwardedFor));
    return new Exchange(
        request, caller, new Exchange.Loop(0, new HandTimers(), new HandTicker()), 1);
  }
}
