package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.verticle.GatewayListening;
import dev.weft.routing.verticle.edge.IssuedCertificates;
import dev.weft.testkit.token.TestKey;
import io.vertx.core.http.HttpVersion;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where requests go by what their tokens say, at a Gateway's servers in either version. */
@Timeout(60)
final class ClaimsIT extends ServersFixture {

  private static final TestKey KEY = TestKey.ed25519("key");

  private void begin() throws Exception {
    gateway(
        new Plan(Map.of(), false, true),
        (snapshot, self) ->
            GatewayListening.of(
                snapshot,
                self.store(),
                self.carriage(),
                self.identities(),
                new IssuedCertificates()),
        servers("SIMPLE"),
        secret("shown", "default"),
        secret("asking", "default"),
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: claims}
        spec:
          hosts: [plain.test, shop.test]
          gateways: [edge]
          http:
          - match: [{headers: {"@request.auth.claims.plan": {exact: gold}}}]
            directResponse: {status: 200, body: {string: gold}}
          - match: [{headers: {"@request.auth.claims[Groups][of.shop]": {prefix: adm}}}]
            directResponse: {status: 200, body: {string: admins}}
          - match: [{headers: {x-user: {exact: alice}}}]
            directResponse: {status: 200, body: {string: alice}}
          - match: [{withoutHeaders: {"@request.auth.claims.iss": {}}}]
            directResponse: {status: 200, body: {string: nobody}}
          - directResponse: {status: 200, body: {string: others}}
        """,
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: tokens, namespace: istio-system}
        spec:
          jwtRules:
          - issuer: test
            jwks: '%s'
            outputClaimToHeaders: [{header: x-user, claim: sub}]
        """
            .formatted(TestKey.set(KEY)));
  }

  private String asked(HttpVersion version, String host, String... headers) throws Exception {
    String server = host.equals("plain.test") ? "" : host;
    return said(connected(version, server, false), host, headers);
  }

  private static String bearing(String claims) {
    return "Bearer " + KEY.token("EdDSA", "{\"iss\":\"test\"" + claims + "}");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aRequestGoesByWhatItsTokenSays(HttpVersion version) throws Exception {
    begin();

    for (String host : new String[] {"plain.test", "shop.test"}) {
      assertThat(asked(version, host, "authorization", bearing(",\"plan\":\"gold\"")))
          .isEqualTo("200 gold");
      assertThat(
              asked(
                  version,
                  host,
                  "authorization",
                  bearing(",\"Groups\":{\"of.shop\":[\"a\",\"admins\"]}")))
          .isEqualTo("200 admins");
      assertThat(asked(version, host, "authorization", bearing(",\"sub\":\"alice\"")))
          .isEqualTo("200 alice");
      assertThat(asked(version, host, "authorization", bearing(""))).isEqualTo("200 others");
      assertThat(asked(version, host)).isEqualTo("200 nobody");
      assertThat(asked(version, host, "x-user", "alice"))
          .as("what a caller says of himself")
          .isEqualTo("200 nobody");
      assertThat(asked(version, host, "authorization", "Bearer a.b.c")).startsWith("401");
    }
  }
}
