package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.explain.Explainer;
import dev.weft.routing.resilience.AlwaysClosed;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.snapshot.tcp.ConnectionRouting.Target;
import dev.weft.routing.snapshot.tcp.PortConnections;
import dev.weft.routing.telemetry.HandTicker;
import io.vertx.core.json.JsonObject;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a snapshot sends connections that are not HTTP, of a sidecar and of a gateway. */
final class ConnectionTargetsTest {

  private static final String SERVICES =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: db}
      spec:
        hosts: [db.test]
        addresses: [10.96.0.1]
        location: MESH_INTERNAL
        ports: [{number: 5432, name: tcp, protocol: TCP}]
        resolution: STATIC
        endpoints:
        - {address: 10.0.0.1, serviceAccount: db, labels: {version: v1}}
        - {address: 10.0.0.2, serviceAccount: db, labels: {version: v2}}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: db}
      spec: {host: db.test, subsets: [{name: v2, labels: {version: v2}}]}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: outside}
      spec:
        hosts: [outside.test, ruled.test]
        ports: [{number: 443, name: tls, protocol: TLS}]
        resolution: STATIC
        endpoints: [{address: 203.0.113.1}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: db}
      spec:
        hosts: [db.test]
        gateways: [mesh, edge]
        tcp: [{route: [{destination: {host: db.test, subset: v2}}]}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: ruled}
      spec:
        hosts: [ruled.test]
        gateways: [mesh, edge]
        tls:
        - match: [{sniHosts: [ruled.test]}]
          route: [{destination: {host: db.test, port: {number: 5432}}}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: db}
      spec:
        selector: {matchLabels: {version: v2}}
        action: DENY
        rules: [{from: [{source: {serviceAccounts: [default/own]}}], to: [{operation: {ports: ["5432"]}}]}]
      ---
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        servers:
        - {port: {number: 5432, name: tcp, protocol: TCP}, hosts: ["*"]}
        - {port: {number: 443, name: tls, protocol: TLS}, hosts: [ruled.test], tls: {mode: PASSTHROUGH}}
        - {port: {number: 443, name: tls, protocol: TLS}, hosts: ["*.db.test", db.test], tls: {mode: SIMPLE, serverCertificate: a, privateKey: b}}
        - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [web.test], tls: {mode: SIMPLE, serverCertificate: a, privateKey: b}}
        - {port: {number: 15443, name: tls, protocol: TLS}, hosts: ["*.test"], tls: {mode: AUTO_PASSTHROUGH}}
      """;

  private static final Workload OWN = new Workload("default", "own", "cluster.local", Map.of());

  private static MeshConfig config() {
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", SERVICES)));
    assertThat(result.accepted()).as(result.problems().toString()).isTrue();
    return result.config();
  }

  private static Snapshot compiled(Plan plan) {
    HandTicker ticker = new HandTicker();
    return new SnapshotCompiler(
            OWN,
            plan,
            new UpstreamRegistry(ticker, (name, told) -> new AlwaysClosed(), new Nobody()),
            (version, log) -> (exchange, ending) -> {},
            List.of())
        .compile(1, config(), Map.of());
  }

  private static ConnectionHead head(String address, int port, String name) {
    return new ConnectionHead(new InetSocketAddress(address, port), Optional.ofNullable(name));
  }

  private static String told(Optional<Target> target) {
    return target
        .map(
            to ->
                (to.route() + " " + to.upstream().name() + (to.exact() ? " exactly" : "")).strip())
        .orElse("nowhere");
  }

  @ParameterizedTest
  @CsvSource({
    "10.96.0.1, 5432, , default/db#tcp[0] outbound|5432|v2|db.test",
    "10.0.0.1, 5432, , outbound|5432||db.test exactly",
    "203.0.113.1, 443, , outbound|443||outside.test exactly",
    "203.0.113.1, 443, outside.test, outbound|443||outside.test exactly",
    "203.0.113.1, 443, ruled.test, default/ruled#tls[0] outbound|5432||db.test",
    "203.0.113.9, 443, ruled.test, default/ruled#tls[0] outbound|5432||db.test",
    "203.0.113.9, 443, outside.test, outbound|443||outside.test",
    "203.0.113.9, 444, outside.test, nowhere",
    "203.0.113.9, 443, other.test, nowhere",
    "203.0.113.9, 443, , nowhere",
    "10.96.0.1, 5432, ruled.test, default/db#tcp[0] outbound|5432|v2|db.test"
  })
  void ofASidecar(String address, int port, String name, String expected) {
    Plan plan = Intercepting.plan(false, Unknown.REGISTRY_ONLY);
    Redirection redirection = compiled(plan).redirection().orElseThrow();

    assertThat(told(redirection.target(head(address, port, name), 7))).isEqualTo(expected);
    assertThat(explained(false, address, port, name)).isEqualTo(expected);
    assertThat(redirection.byName()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "5432, , default/db#tcp[0] outbound|5432|v2|db.test",
    "443, ruled.test, default/ruled#tls[0] outbound|5432||db.test",
    "443, x.db.test, default/db#tcp[0] outbound|5432|v2|db.test",
    "443, other.test, nowhere",
    "443, '', nowhere",
    "443, web.test, nowhere",
    "15443, outbound_.5432_._.db.test, outbound|5432||db.test sealed",
    "15443, outbound_.5432_.v2_.db.test, outbound|5432|v2|db.test sealed",
    "15443, outbound_.5433_._.db.test, nowhere",
    "15443, outbound_.443_._.outside.test, nowhere",
    "15443, db.test, nowhere"
  })
  void ofAGateway(int port, String name, String expected) {
    PortConnections connections = connections(port);

    Optional<Target> to = connections.target(head("10.9.9.9", port, name), 7);

    String sealed = to.filter(Target::sealed).map(any -> " sealed").orElse("");
    assertThat(told(to) + sealed).isEqualTo(expected);
    assertThat(explained(true, "10.9.9.9", port, name)).isEqualTo(expected);
  }

  private static JsonObject explanation(
      boolean edge, String address, int port, @Nullable String name) {
    Explainer explainer = new Explainer(config(), OWN, Map.of(), Unknown.REGISTRY_ONLY);
    Question question =
        new Question(
            name == null ? Question.TCP : Question.TLS,
            address + ":" + port,
            List.of(),
            Optional.ofNullable(name));
    return (edge ? explainer.atGateway(question).orElseThrow() : explainer.inMesh(question)).json();
  }

  /** What an explanation says of the same connection. */
  private static String explained(boolean edge, String address, int port, @Nullable String name) {
    JsonObject json = explanation(edge, address, port, name);
    String route = json.getString("route");
    if (route.equals("-")) {
      assertThat(json.getString("why")).startsWith("reset (");
      return "nowhere";
    }
    JsonObject share = json.getJsonArray("shares").getJsonObject(0);
    return (route.contains("#") ? route + " " : "")
        + share.getString("cluster")
        + (route.startsWith("instance of ") ? " exactly" : "")
        + (json.getBoolean("sealed", false) ? " sealed" : "");
  }

  @Test
  void whomAnInstanceKeepsAwayIsExplained() {
    JsonObject ruled = explanation(false, "10.96.0.1", 5432, null);
    JsonObject instance = explanation(false, "10.0.0.1", 5432, null);

    assertThat(ruled.getJsonArray("authorization").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("cluster", "outbound|5432|v2|db.test")
                .put("allowed", false)
                .put("why", "denied by default/db rule 1"));
    assertThat(instance.containsKey("authorization")).as("v1 has no policy").isFalse();
    assertThat(instance.getJsonArray("shares").getJsonObject(0).getJsonArray("endpoints"))
        .hasSize(1);
  }

  private static PortConnections connections(int port) {
    Snapshot snapshot = compiled(new Plan(Map.of(), false, true));
    return Objects.requireNonNull(snapshot.gateway().get(port)).connections();
  }

  @Test
  void whatAServerPassesThroughIsKnownByItsName() {
    assertThat(connections(443).passes("ruled.test")).isTrue();
    assertThat(connections(443).passes("db.test")).isFalse();
    assertThat(connections(443).passes("web.test")).isFalse();
    assertThat(connections(443).passes("")).isFalse();
    assertThat(connections(443).servers().passes()).isTrue();
    assertThat(connections(443).servers().opaque()).isFalse();
    assertThat(connections(5432).servers().opaque()).isTrue();
  }
}
