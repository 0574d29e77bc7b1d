package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A callee's sidecar asks an authorizer that is a workload of the mesh itself: over mTLS, with the
 * callee's identity, and of nobody else.
 */
@Timeout(60)
final class AuthorizersBehindSidecarsIT extends HopsFixture {

  private static final String AUTHORIZER = "spiffe://cluster.local/ns/default/sa/authorizer";

  private final List<String> askers = Collections.synchronizedList(new ArrayList<>());

  /** Allows what begins with /ok, and keeps who asked, as its sidecar says. */
  private void decide(HttpServerRequest request) {
    askers.add(String.valueOf(request.getHeader("x-forwarded-client-cert")));
    int status = request.path().startsWith("/ok") ? 200 : 403;
    request
        .response()
        .setStatusCode(status)
        .putHeader("x-user", "alice")
        .end(status == 200 ? "" : "not you");
  }

  private int application(String header) throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.response().end("user " + request.getHeader(header)));
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  /**
   * @param account whose certificate the authorizer's sidecar shows
   */
  private void begin(String account) throws Exception {
    HttpServer authorizer = vertx.createHttpServer().requestHandler(this::decide);
    int decides = await(authorizer.listen(0, "127.0.0.1")).actualPort();
    int port = FreePorts.next();
    await(
        sidecar(
            FreePorts.next(),
            "--config",
            "dir:" + config("authorizers", strict()),
            "--identity",
            "dir:" + identity("authorizer", mesh.good(account)),
            "--service-account",
            "default/authorizer",
            "--inbound",
            "127.0.0.1:" + port + "=127.0.0.1:" + decides));
    open("HTTP", application("x-user"), "", asking(port));
  }

  private static String strict() {
    return """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: strict}
        spec: {mtls: {mode: STRICT}}
        """;
  }

  private static String asking(int port) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: authorizer}
        spec:
          hosts: [authorizer.default.svc.cluster.local]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 9000, name: http}]
          endpoints: [{address: 127.0.0.1, ports: {http: %d}, serviceAccount: authorizer}]
        ---
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec:
          extensionProviders:
          - name: sample
            envoyExtAuthzHttp:
              service: authorizer.default.svc.cluster.local
              port: 9000
              timeout: 5s
              headersToUpstreamOnAllow: [x-user]
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: ask}
        spec:
          action: CUSTOM
          provider: {name: sample}
          rules: [{to: [{operation: {notPaths: ["/free"]}}]}]
        """
        .formatted(port);
  }

  private String called(String path) throws Exception {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost("127.0.0.1")
            .setPort(outbound)
            .setURI(path)
            .putHeader("host", HOST)
            .putHeader("x-user", "mallory");
    return await(
        agent(new HttpClientOptions())
            .request(options)
            .compose(Requests::sent)
            .compose(response -> response.body().map(body -> response.statusCode() + " " + body)));
  }

  @Test
  void itIsAskedOverMutualTlsAndItsAnswerHolds() throws Exception {
    begin(AUTHORIZER);

    assertThat(called("/ok")).isEqualTo("200 user alice");
    assertThat(called("/no")).isEqualTo("403 not you");
    assertThat(called("/free")).isEqualTo("200 user mallory");
    assertThat(askers)
        .hasSize(2)
        .allSatisfy(asker -> assertThat(asker).contains("By=" + AUTHORIZER, "URI=" + SEARCH));
  }

  @Test
  void whoShowsAnotherIdentityIsNotAskedAndNobodyIsLetIn() throws Exception {
    begin(CALLER);

    assertThat(called("/ok")).startsWith("403 ");
    assertThat(called("/free")).isEqualTo("200 user mallory");
    assertThat(askers).isEmpty();
  }
}
