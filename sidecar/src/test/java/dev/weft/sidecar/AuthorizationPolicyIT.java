package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may do what at a sidecar: by the identity of mTLS, by path and method. */
@Timeout(60)
final class AuthorizationPolicyIT extends SidecarFixture {

  private static final String OTHER = "spiffe://cluster.local/ns/other/sa/caller";
  private static final String PERMISSIVE =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default}
      spec: {mtls: {mode: PERMISSIVE}}
      """;

  private int inbound;
  private int admin;
  private Path config;

  @BeforeEach
  void start() throws Exception {
    int application = application();
    inbound = FreePorts.next();
    admin = FreePorts.next();
    config =
        config(
            "config",
            PERMISSIVE,
            policy(
                "readers",
                "{rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/caller]}}],"
                    + " to: [{operation: {methods: [GET], ports: ['"
                    + application
                    + "']}}]}]}"),
            policy("admins", "{action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}"));
    await(
        sidecar(
            admin,
            "--config",
            "dir:" + config,
            "--identity",
            "dir:" + identity("identity", mesh.good(SEARCH)),
            "--service-account",
            "default/search",
            "--labels",
            "app=search",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + application));
  }

  @Test
  void whoIsAllowedEntersAndNobodyElseDoes() throws Exception {
    HttpClientConnection caller = await(connected(showing(mesh.good(CALLER)), inbound));
    HttpClientConnection other = await(connected(showing(mesh.good(OTHER)), inbound));
    HttpClientConnection nobody = await(connected(plaintext(), inbound));

    assertThat(await(ask(caller))).startsWith("200 By=" + SEARCH).endsWith(CALLER);
    assertThat(await(ask(other))).isEqualTo("403 RBAC: access denied");
    assertThat(await(ask(nobody))).isEqualTo("403 RBAC: access denied");
    assertThat(asked(caller, HttpMethod.POST, "/")).isEqualTo("403 RBAC: access denied");
  }

  @Test
  void whatIsDeniedIsDeniedHoweverItIsWritten() throws Exception {
    HttpClientConnection caller = await(connected(showing(mesh.good(CALLER)), inbound));

    for (String path :
        List.of("/admin", "/admin/x", "/x/../admin", "//admin", "/x/..%2fadmin", "/x/..;/admin")) {
      assertThat(asked(caller, HttpMethod.GET, path)).as(path).isEqualTo("403 RBAC: access denied");
    }
    assertThat(asked(caller, HttpMethod.GET, "/administer")).startsWith("403");
    assertThat(asked(caller, HttpMethod.GET, "/x")).startsWith("200");
  }

  @Test
  void aDenialTellsNothingOfThePolicyAndIsCounted() throws Exception {
    HttpClientConnection other = await(connected(showing(mesh.good(OTHER)), inbound));

    String told =
        await(
            other
                .request(new RequestOptions().setMethod(HttpMethod.GET).setURI("/"))
                .compose(Requests::sent)
                .map(response -> response.getHeader("proxy-status")));

    assertThat(told).isEqualTo("weft; error=http_request_denied; cause=denied; hop=inbound");
    assertThat(
            admin(admin, "/metrics")
                .lines()
                .filter(line -> line.startsWith("istio_requests_total{"))
                .filter(line -> line.contains("response_code=\"403\""))
                .filter(line -> line.contains("response_flags=\"-\""))
                .toList())
        .hasSize(1)
        .allMatch(line -> line.endsWith(" 1.0"));
  }

  @Test
  void aPolicyThatIsTakenAwayKeepsNobodyAwayAnyMore() throws Exception {
    HttpClientConnection other = await(connected(showing(mesh.good(OTHER)), inbound));
    String before = await(ask(other));

    replace(config.resolve("all.yaml"), PERMISSIVE);
    String after = before;
    for (int i = 0; i < 20_000 && after.startsWith("403"); i++) {
      after = await(ask(other));
    }

    assertThat(before).isEqualTo("403 RBAC: access denied");
    assertThat(after).startsWith("200");
  }

  private static String asked(HttpClientConnection connection, HttpMethod method, String path)
      throws Exception {
    return await(
        connection
            .request(new RequestOptions().setMethod(method).setURI(path))
            .compose(Requests::sent)
            .compose(response -> response.body().map(body -> response.statusCode() + " " + body)));
  }

  private static String policy(String name, String spec) {
    return """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: %s}
        spec: %s
        """
        .formatted(name, spec);
  }
}
