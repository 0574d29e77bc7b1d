package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.ConfigUnits;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.TrafficPolicy.RetryBudget;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.resilience.AlwaysClosed;
import dev.weft.routing.resilience.rate.RateLimiters;
import dev.weft.routing.route.CompiledRoute;
import dev.weft.routing.stage.edge.EdgePolicies;
import dev.weft.routing.telemetry.HandTicker;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SnapshotCompilerTest {

  private final HandTicker ticker = new HandTicker();
  private final UpstreamRegistry registry =
      new UpstreamRegistry(ticker, (name, told) -> new AlwaysClosed(), new Nobody());
  private final SnapshotCompiler compiler =
      new SnapshotCompiler(
          new Workload("default", "edge", "cluster.local", Map.of()),
          new Plan(Map.of(), true, false),
          registry,
          (version, log) -> (exchange, ending) -> {},
          List.of());
  private final ConfigUnits units = new ConfigUnits(List.of("t"));
  private long version;

  @Test
  void anEditOfOneRuleKeepsTheUpstreamsOfTheOthers() {
    compiled(rule("a", "{host: a.test}"), rule("b", "{host: b.test}"));
    List<Upstream> before = List.copyOf(registry.all());

    compiled(rule("a", "{host: a.test}"), rule("b", "{host: b.test}, weight: 7"));
    compiled(rule("a", "{host: a.test}"), rule("b", "{host: b.test}"));

    assertThat(before).hasSize(2);
    assertThat(registry.all()).containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  void aHostIsInTheNamespaceOfTheServiceEntryThatIsSeenFromHere() {
    Snapshot snapshot =
        compiled(
            entry("partners", "api.example.com", "*"),
            entry("vendors", "*.wide.example.com", "*"),
            entry("secret", "own.example.com", "."));

    assertThat(snapshot.said().namespaces().apply("api.example.com")).contains("partners");
    assertThat(snapshot.said().namespaces().apply("a.wide.example.com")).contains("vendors");
    assertThat(snapshot.said().namespaces().apply("own.example.com")).isEmpty();
    assertThat(snapshot.said().namespaces().apply("b.example.com")).isEmpty();
  }

  private static String entry(String namespace, String host, String exportTo) {
    return """
        %1$.1s
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: outside, namespace: %1$s}
        spec:
          hosts: ["%2$s"]
          exportTo: ["%3$s"]
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 192.0.2.1}]
        """
        .formatted(namespace, host, exportTo);
  }

  @Test
  void whatARuleLeavesIsForgotten() {
    compiled(rule("a", "{host: a.test, subset: v1}"), rule("b", "{host: b.test}"));
    compiled(rule("a", "{host: a.test}"), rule("b", "{host: b.test}"));

    assertThat(registry.all()).extracting(one -> one.name().subset()).containsOnly("");
  }

  @Test
  void aHeldTargetIsLookedAtAgainThoughItsRuleDidNotChange() {
    compiled(rule("a", "{host: a.test}"));
    String missing = rule("a", "{host: nobody.test}");

    assertThat(compiled(missing).held()).isTrue();
    assertThat(compiled(missing).held()).isTrue();
    ticker.turn(Duration.ofSeconds(2));

    assertThat(compiled(missing).held()).isFalse();
  }

  @Test
  void theStepsOfARuleThatDidNotChangeAreTheSame() {
    String other = rule("b", "{host: b.test}");
    Snapshot first = compiled(rule("a", "{host: a.test}"), other);
    Snapshot second = compiled(rule("a", "{host: a.test}, weight: 7"), other);
    ChainMemory memory = new ChainMemory();
    LastTargets targets = new LastTargets(ticker);
    List<String> asked = new ArrayList<>();
    Map<ClusterName, Upstream> used = new HashMap<>();
    StageOrder order =
        new StageOrder(
            (exchange, ending) -> {},
            List.of(),
            new StageOrder.Asked(second.settings(), EdgePolicies.NONE, Optional.empty()),
            new RateLimiters(ticker),
            Optional.empty(),
            cluster -> {
              asked.add(cluster.host());
              return registry.find(cluster).orElseThrow();
            });
    ChainMemory.Making making = new ChainMemory.Making(order, targets, true, used);
    List<Service> before = memory.chains(first.mesh().table().routes(), making);
    assertThat(asked).contains("a.test", "b.test");
    asked.clear();
    used.clear();

    List<Service> after = memory.chains(second.mesh().table().routes(), making);

    assertThat(asked).as("looked at again").contains("a.test").doesNotContain("b.test");
    assertThat(used).as("kept").hasSize(2);
    int b = index(second, "default/b#0");
    assertThat(after.get(b)).isSameAs(before.get(b));
    memory.forget();
    memory.chains(second.mesh().table().routes(), making);
    assertThat(asked).as("with other settings").contains("b.test");
  }

  private static int index(Snapshot snapshot, String rule) {
    return snapshot.mesh().table().routes().stream()
        .map(CompiledRoute::id)
        .filter(id -> id.name().equals(rule))
        .findFirst()
        .orElseThrow()
        .index();
  }

  @Test
  void anEditOfTheRetryBudgetReachesUpstreamsThatAreThere() {
    compiled(rule("a", "{host: a.test}"));
    Upstream upstream = registry.all().iterator().next();
    assertThat(upstream.settings().policy().retryBudget()).contains(new RetryBudget(20, 3));

    compiled(rule("a", "{host: a.test}"), settings("{retryBudget: {percent: 5, minimum: 1}}"));

    assertThat(registry.all()).contains(upstream);
    assertThat(upstream.settings().policy().retryBudget()).contains(new RetryBudget(5, 1));
  }

  @Test
  void aServicesOwnSidecarLimitsEachCallerByHisIdentity() {
    Workload own = new Workload("default", "a", "cluster.local", Map.of("version", "v1"));
    SnapshotCompiler sidecar =
        new SnapshotCompiler(
            own,
            new Plan(Map.of(15006, new Plan.Application("127.0.0.1", 80)), false, false),
            registry,
            (version, log) -> (exchange, ending) -> {},
            List.of(
                (exchange, settings, endpoint, attempt) ->
                    Future.succeededFuture(new LocalResponse(200, Buffer.buffer()))));
    String limit = "{match: {host: a.test}, rateLimit: {requests: 1, key: {identity: true}}}";
    String entry = service("a").replace("labels:", "serviceAccount: a, labels:");
    MeshConfig config =
        ConfigLoader.load(
                List.of(
                    new ConfigDocument(
                        "t", "a.yaml", entry + settings("{routes: [" + limit + "]}").substring(1))))
            .config();
    Service inbound = sidecar.compile(1, config, Map.of()).inbound().get(15006);

    assertThat(inbound.serve(from("spiffe://cluster.local/ns/x/sa/ann")).succeeded()).isTrue();
    assertThat(inbound.serve(from("spiffe://cluster.local/ns/x/sa/ann")).cause())
        .hasMessageContaining("its rate limit is used up");
    assertThat(inbound.serve(from("spiffe://cluster.local/ns/x/sa/bob")).succeeded()).isTrue();
  }

  private Exchange from(String identity) {
    RequestHead head = new RequestHead("GET", "http", "a.test", "/", "", HttpHeaders.headers());
    Request request =
        new Request(
            head,
            HttpVersion.HTTP_1_1,
            false,
            new BufferBody(Buffer.buffer()),
            HttpHeaders.headers());
    Caller caller =
        Caller.anonymous("10.0.0.1", 1, 15006, true).to("10.0.0.2").proved(identity, "x");
    return new Exchange(request, caller, new Exchange.Loop(0, new HandTimers(), ticker), 1);
  }

  private static String settings(String spec) {
    return "s\n---\napiVersion: weft.dev/v1\nkind: ProxySettings\nmetadata: {name: default}\nspec: "
        + spec
        + "\n";
  }

  @Test
  void aWorkloadIsReachedAsItsPeerAuthenticationSaysNowThoughNothingElseChanged() {
    List<Class<?>> ways = new ArrayList<>();
    for (String mode : List.of("DISABLE", "STRICT", "DISABLE")) {
      compiled(rule("a", "{host: meshed.test}"), meshed(mode));
      registry.all().stream()
          .filter(one -> one.name().host().equals("meshed.test"))
          .flatMap(one -> one.known().stream())
          .forEach(endpoint -> ways.add(endpoint.tls().getClass()));
    }

    assertThat(ways)
        .containsExactly(
            UpstreamTls.Plaintext.class, UpstreamTls.Mesh.class, UpstreamTls.Plaintext.class);
  }

  private static String meshed(String mode) {
    return """
        m
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: meshed}
        spec:
          hosts: [meshed.test]
          resolution: STATIC
          location: MESH_INTERNAL
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 10.0.0.9, serviceAccount: shop}]
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default}
        spec: {mtls: {mode: %s}}
        """
        .formatted(mode);
  }

  private Snapshot compiled(String... rules) {
    List<ConfigDocument> documents = new ArrayList<>();
    for (String text : rules) {
      documents.add(new ConfigDocument("t", text.substring(0, 1) + ".yaml", text.substring(1)));
    }
    documents.add(new ConfigDocument("t", "services.yaml", service("a") + service("b")));
    MeshConfig config = units.change("t", Map.of("t", documents)).config().orElseThrow();
    return compiler.compile(++version, config, Map.of());
  }

  private static String rule(String name, String destination) {
    return name
        + """

        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %1$s}
        spec: {hosts: [%1$s.shop.test], http: [{route: [{destination: %2$s}]}]}
        """
            .formatted(name, destination);
  }

  private static String service(String name) {
    return """
    ---
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: %1$s}
    spec:
      hosts: [%1$s.test]
      resolution: STATIC
      ports: [{number: 80, name: http}]
      endpoints: [{address: 127.0.0.1, labels: {version: v1}}]
    """
        .formatted(name);
  }
}
