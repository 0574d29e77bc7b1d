package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A caller's sidecar, a callee's sidecar, and what each verifies of the other. */
@Timeout(60)
final class TwoHopsIT extends SidecarFixture {

  private int callerAdmin;
  private int calleeAdmin;
  private int outbound;

  /**
   * @param shown what the callee's sidecar proves itself with
   * @param policies that hold for both
   */
  private void open(Leaf shown, String... policies) throws Exception {
    callerAdmin = FreePorts.next();
    calleeAdmin = FreePorts.next();
    outbound = FreePorts.next();
    int inbound = FreePorts.next();
    String[] documents =
        Stream.concat(Stream.of(entry(inbound)), Stream.of(policies)).toArray(String[]::new);
    String config = "dir:" + config("config", documents);
    await(
        sidecar(
            calleeAdmin,
            "--config",
            config,
            "--identity",
            "dir:" + identity("search", shown),
            "--service-account",
            "default/search",
            "--labels",
            "app=search,version=v1",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + application()));
    await(
        sidecar(
            callerAdmin,
            "--config",
            config,
            "--identity",
            "dir:" + identity("caller", mesh.good(CALLER)),
            "--service-account",
            "default/caller",
            "--labels",
            "app=caller,version=v7",
            "--outbound",
            "127.0.0.1:" + outbound));
  }

  private static String entry(int inbound) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: search}
        spec:
          hosts: [search.default.svc.cluster.local]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints:
          - {address: 127.0.0.1, ports: {http: %d}, labels: {app: search, version: v1}, serviceAccount: search}
        """
        .formatted(inbound);
  }

  private Future<HttpClientResponse> call() {
    return called("search.default.svc.cluster.local");
  }

  private Future<HttpClientResponse> called(String host) {
    return agent(new HttpClientOptions())
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost("127.0.0.1")
                .setPort(outbound)
                .setURI("/")
                .putHeader("host", host))
        .compose(Requests::sent);
  }

  private String body() throws Exception {
    return await(call().compose(response -> response.body())).toString();
  }

  private static String requests(String metrics) {
    return metrics
        .lines()
        .filter(line -> line.startsWith("istio_requests_total{"))
        .collect(Collectors.joining("\n"));
  }

  private static boolean counted(String metrics, String... labels) {
    return metrics
        .lines()
        .filter(line -> line.startsWith("istio_requests_total{"))
        .anyMatch(line -> Stream.of(labels).allMatch(line::contains));
  }

  @Test
  void bothEndsProveThemselvesAndBothReportTheRequest() throws Exception {
    open(mesh.good(SEARCH));

    String seen = body();

    assertThat(seen).startsWith("By=" + SEARCH).endsWith("URI=" + CALLER);
    String source = admin(callerAdmin, "/metrics");
    String destination = admin(calleeAdmin, "/metrics");
    assertThat(
            counted(
                source,
                "reporter=\"source\"",
                "source_workload=\"caller-v7\"",
                "source_workload_namespace=\"default\"",
                "source_principal=\"" + CALLER + "\"",
                "source_app=\"caller\"",
                "source_version=\"v7\"",
                "source_canonical_service=\"caller\"",
                "source_canonical_revision=\"v7\"",
                "destination_workload=\"search-v1\"",
                "destination_principal=\"" + SEARCH + "\"",
                "destination_service=\"search.default.svc.cluster.local\"",
                "destination_service_name=\"search\"",
                "destination_service_namespace=\"default\"",
                "connection_security_policy=\"unknown\"",
                "response_code=\"200\"",
                "response_flags=\"-\""))
        .as(requests(source))
        .isTrue();
    assertThat(
            counted(
                destination,
                "reporter=\"destination\"",
                "source_workload=\"caller-v7\"",
                "source_principal=\"" + CALLER + "\"",
                "source_app=\"caller\"",
                "source_version=\"v7\"",
                "destination_workload=\"search-v1\"",
                "destination_workload_namespace=\"default\"",
                "destination_principal=\"" + SEARCH + "\"",
                "destination_service=\"search.default.svc.cluster.local\"",
                "destination_service_name=\"search\"",
                "destination_canonical_service=\"search\"",
                "connection_security_policy=\"mutual_tls\"",
                "response_code=\"200\""))
        .as(requests(destination))
        .isTrue();
  }

  @Test
  void aServiceOutsideIsCountedInTheNamespaceOfItsServiceEntryAlsoAfterThatMoved()
      throws Exception {
    int application = application();
    open(mesh.good(SEARCH), outside("partners", application));
    await(called("api.example.com"));

    String before = admin(callerAdmin, "/metrics");
    replace(folder.resolve("config/all.yaml"), outside("vendors", application));
    await(until(callerAdmin, "weft_config_version{version=\"2\"}"));
    await(called("api.example.com"));
    String after = admin(callerAdmin, "/metrics");

    String[] found = {
      "reporter=\"source\"",
      "destination_service=\"api.example.com\"",
      "destination_service_name=\"api.example.com\"",
      "destination_workload=\"api\"",
      "response_code=\"200\""
    };
    for (Map.Entry<String, String> one : Map.of("partners", before, "vendors", after).entrySet()) {
      String in = "namespace=\"" + one.getKey() + "\"";
      String[] labels = Arrays.copyOf(found, found.length + 2);
      labels[found.length] = "destination_service_" + in;
      labels[found.length + 1] = "destination_workload_" + in;
      assertThat(counted(one.getValue(), labels)).as(requests(one.getValue())).isTrue();
    }
  }

  private static String outside(String namespace, int port) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: api, namespace: %s}
        spec:
          hosts: [api.example.com]
          location: MESH_EXTERNAL
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 127.0.0.1, ports: {http: %d}, labels: {app: api}}]
        """
        .formatted(namespace, port);
  }

  private Future<Void> until(int admin, String line) {
    return agent(new HttpClientOptions())
        .request(HttpMethod.GET, admin, "127.0.0.1", "/metrics")
        .compose(Requests::sent)
        .compose(HttpClientResponse::body)
        .compose(
            body ->
                body.toString().contains(line)
                    ? Future.succeededFuture()
                    : vertx.timer(10, TimeUnit.MILLISECONDS).compose(again -> until(admin, line)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("impostors")
  void aCalleeThatIsNotWhomTheCallerMeantGetsNoRequest(String who, String reason, String told)
      throws Exception {
    open(impostor(who));

    HttpClientResponse response = await(call());

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.getHeader("proxy-status")).contains("tls_certificate_error").contains(told);
    assertThat(refused(callerAdmin, "upstream_" + reason)).isPositive();
    assertThat(admin(calleeAdmin, "/metrics")).doesNotContain("istio_requests_total{");
    assertThat(
            counted(
                admin(callerAdmin, "/metrics"),
                "reporter=\"source\"",
                "destination_workload=\"unknown\"",
                "destination_service=\"search.default.svc.cluster.local\"",
                "response_code=\"503\"",
                "response_flags=\"UF\""))
        .isTrue();
  }

  private static Stream<Arguments> impostors() {
    return Stream.of(
        Arguments.of(
            "another account", "identity", "it is spiffe://cluster.local/ns/default/sa/cart"),
        Arguments.of("another root", "unknown_authority", "is signed by no root of this mesh"),
        Arguments.of("expired", "expired", "NotAfter"));
  }

  private Leaf impostor(String who) {
    return switch (who) {
      case "another account" -> mesh.good("spiffe://cluster.local/ns/default/sa/cart");
      case "another root" -> foreign.good(SEARCH);
      case "expired" -> mesh.expired(SEARCH);
      default -> throw new IllegalArgumentException(who);
    };
  }

  @Test
  void whereMutualTlsIsDisabledTheCallerSpeaksPlaintextByItself() throws Exception {
    open(
        mesh.good(SEARCH),
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: search}
        spec: {selector: {matchLabels: {app: search}}, mtls: {mode: DISABLE}}
        """);

    assertThat(body()).isEqualTo("nobody");
    assertThat(
            counted(
                admin(calleeAdmin, "/metrics"),
                "source_principal=\"unknown\"",
                "destination_principal=\"unknown\"",
                "connection_security_policy=\"none\""))
        .isTrue();
    assertThat(
            counted(
                admin(callerAdmin, "/metrics"),
                "source_workload=\"caller-v7\"",
                "source_principal=\"unknown\"",
                "destination_principal=\"unknown\""))
        .isTrue();
  }
}
