package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpVersion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Policies at a gateway hold at each of its servers, and know who showed a certificate. */
final class GuardedServersIT extends ServersFixture {

  private static final String DENIED = "403 RBAC: access denied";

  private void begin(String policy) throws Exception {
    gatewayOfServers(
        servers("SIMPLE"),
        rule("open", "shop.test, '*.shop.test'"),
        rule("closed", "admin.shop.test"),
        rule("plain", "plain.test"),
        secret("shown", "default"),
        secret("asking", "default"),
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p, namespace: istio-system}
        spec: %s
        """
            .formatted(policy));
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void whereNobodyMayNothingPassesAtAnyServer(HttpVersion version) throws Exception {
    begin("{}");

    assertThat(said(connected(version, "", false), "plain.test")).isEqualTo(DENIED);
    assertThat(said(connected(version, "", false), "unknown.test")).isEqualTo(DENIED);
    assertThat(said(connected(version, "shop.test", false), "shop.test")).isEqualTo(DENIED);
    assertThat(said(connected(version, "admin.shop.test", true), "admin.shop.test"))
        .isEqualTo(DENIED);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void whoShowsTheCertificateOfAWorkloadIsThatWorkload(HttpVersion version) throws Exception {
    begin(
        "{rules: [{from: [{source: {principals: [mesh.test/ns/a/sa/edge], namespaces: [a]}}]},"
            + " {to: [{operation: {hosts: [plain.test]}}]}]}");

    assertThat(said(connected(version, "admin.shop.test", true), "admin.shop.test"))
        .isEqualTo("200 closed");
    assertThat(said(connected(version, "shop.test", true), "shop.test"))
        .as("this server did not ask for one")
        .isEqualTo(DENIED);
    assertThat(said(connected(version, "", false), "plain.test")).isEqualTo("200 plain");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void theHostIsAHeaderInEitherVersion(HttpVersion version) throws Exception {
    begin(
        "{action: DENY, rules: [{when: [{key: 'request.headers[host]', values: [shop.test]}]},"
            + " {when: [{key: 'request.headers[:authority]', values: [plain.test]}]}]}");

    assertThat(said(connected(version, "shop.test", false), "shop.test")).isEqualTo(DENIED);
    assertThat(said(connected(version, "", false), "PLAIN.test")).isEqualTo(DENIED);
    assertThat(said(connected(version, "x.shop.test", false), "x.shop.test")).isEqualTo("200 open");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aHeaderCountsAsThoseBehindWillSeeIt(HttpVersion version) throws Exception {
    begin(
        "{rules: [{when: [{key: 'request.headers[x-forwarded-client-cert]', values: ['*']}]},"
            + " {when: [{key: 'request.headers[x-role]', values: [admin]}]}]}");

    assertThat(
            said(connected(version, "", false), "plain.test", "x-forwarded-client-cert", "URI=a"))
        .isEqualTo(DENIED);
    assertThat(said(connected(version, "", false), "plain.test", "x-role", "admin"))
        .isEqualTo("200 plain");
    if (version == HttpVersion.HTTP_1_1) {
      assertThat(
              said(
                  connected(version, "", false),
                  "plain.test",
                  "x-role",
                  "admin",
                  "connection",
                  "x-role"))
          .isEqualTo(DENIED);
    }
  }
}
