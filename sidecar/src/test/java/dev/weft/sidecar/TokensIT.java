package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import dev.weft.testkit.token.TestKey;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tokens at a sidecar: besides who calls, for whom he asks. */
@Timeout(60)
final class TokensIT extends SidecarFixture {

  private static final TestKey KEY = TestKey.ed25519("key");

  private int inbound;

  @BeforeEach
  void start() throws Exception {
    int application = application();
    inbound = FreePorts.next();
    String tokens =
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: tokens}
        spec:
          selector: {matchLabels: {app: search}}
          jwtRules: [{issuer: test, jwks: '%s'}]
        """
            .formatted(TestKey.set(KEY));
    String policy =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: readers}
        spec:
          rules:
          - from: [{source: {principals: [cluster.local/ns/default/sa/caller], requestPrincipals: [test/alice]}}]
          - to: [{operation: {paths: [/open]}}]
        """;
    await(
        sidecar(
            FreePorts.next(),
            "--config",
            "dir:" + config("config", tokens, policy),
            "--identity",
            "dir:" + identity("identity", mesh.good(SEARCH)),
            "--service-account",
            "default/search",
            "--labels",
            "app=search",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + application));
  }

  private static String asked(HttpClientConnection connection, String path, String token)
      throws Exception {
    RequestOptions options = new RequestOptions().setMethod(HttpMethod.GET).setURI(path);
    if (!token.isEmpty()) {
      options.putHeader("authorization", "Bearer " + token);
    }
    return await(
        connection
            .request(options)
            .compose(Requests::sent)
            .compose(
                response ->
                    response
                        .body()
                        .map(
                            body ->
                                response.statusCode() + " " + response.getHeader("proxy-status"))));
  }

  private static String token(String subject) {
    return KEY.token("EdDSA", "{\"iss\":\"test\",\"sub\":\"" + subject + "\"}");
  }

  @Test
  void whoCallsAndForWhomMustBothBeRight() throws Exception {
    HttpClientConnection caller = await(connected(showing(mesh.good(CALLER)), inbound));
    String forged = TestKey.ed25519("key").token("EdDSA", "{\"iss\":\"test\",\"sub\":\"alice\"}");

    assertThat(asked(caller, "/x", token("alice"))).startsWith("200");
    assertThat(asked(caller, "/x", token("bob"))).startsWith("403");
    assertThat(asked(caller, "/x", "")).startsWith("403");
    assertThat(asked(caller, "/open", "")).startsWith("200");
    assertThat(asked(caller, "/open", forged))
        .as("a bad token is refused where none is needed")
        .isEqualTo(
            "401 weft; error=http_request_denied; cause=unauthenticated; hop=inbound; details=\"token: a wrong signature\"");
  }
}
