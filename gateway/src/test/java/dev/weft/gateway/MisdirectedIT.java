package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.verticle.GatewayListening;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nobody reaches a server's routes by another server's handshake. */
final class MisdirectedIT extends GatewayFixture {

  private static final String STATUS = "weft; error=http_request_error";

  private final TestCertificates authority = new TestCertificates(Instant.now());
  private final Leaf leaf = authority.good("spiffe://mesh.test/ns/a/sa/edge");

  private String servers(String shop) {
    return """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
          - port: {number: %1$d, name: plain, protocol: HTTP}
            bind: 127.0.0.1
            hosts: [plain.test, '*.shop.test']
          - port: {number: %1$d, name: open, protocol: HTTPS}
            bind: 127.0.0.1
            hosts: [shop.test, '*.shop.test']
            tls: {mode: %2$s, credentialName: shown}
          - port: {number: %1$d, name: closed, protocol: HTTPS}
            bind: 127.0.0.1
            hosts: [admin.shop.test]
            tls: {mode: MUTUAL, credentialName: asking}
        """
        .formatted(port, shop);
  }

  private static String rule(String name, String hosts) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %1$s}
        spec:
          hosts: [%2$s]
          gateways: [edge]
          http: [{directResponse: {status: 200, body: {string: %1$s}}}]
        """
        .formatted(name, hosts);
  }

  private String secret(String name, String namespace) {
    return """
        apiVersion: v1
        kind: Secret
        metadata: {name: %s, namespace: %s}
        stringData:
          tls.crt: |
        %s
          tls.key: |
        %s
          ca.crt: |
        %s
        """
        .formatted(
            name,
            namespace,
            indented(leaf.certificate()),
            indented(leaf.key()),
            indented(authority.rootPem()));
  }

  private static String indented(String pem) {
    return pem.strip().lines().map(line -> "    " + line).collect(Collectors.joining("\n"));
  }

  @BeforeEach
  void begin() throws Exception {
    gateway(
        new Plan(Map.of(), false, true),
        (snapshot, self) -> GatewayListening.of(snapshot, self.store()),
        servers("SIMPLE"),
        rule("open", "shop.test, '*.shop.test'"),
        rule("closed", "admin.shop.test"),
        rule("plain", "plain.test"),
        secret("shown", "default"),
        secret("asking", "default"));
  }

  private HttpClientConnection connected(HttpVersion version, String name, boolean proves)
      throws Exception {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(version)
            .setHttp2ClearTextUpgrade(false)
            .setSsl(!name.isEmpty())
            .setUseAlpn(!name.isEmpty())
            .setForceSni(true)
            .setVerifyHost(false) // a workload's certificate, which names no host
            .setTrustOptions(
                new PemTrustOptions().addCertValue(Buffer.buffer(authority.rootPem())));
    if (proves) {
      options.setKeyCertOptions(
          new PemKeyCertOptions()
              .addCertValue(Buffer.buffer(leaf.certificate()))
              .addKeyValue(Buffer.buffer(leaf.key())));
    }
    HttpConnectOptions to =
        new HttpConnectOptions()
            .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
            .setHost(name.isEmpty() ? "plain.test" : name)
            .setPort(port)
            .setSsl(!name.isEmpty());
    return await(kept(vertx.httpClientBuilder().with(options).build()).connect(to));
  }

  private static HttpClientResponse answer(HttpClientConnection connection, String host)
      throws Exception {
    return await(
        connection
            .request(new RequestOptions().setMethod(HttpMethod.GET).setURI("/"))
            .compose(
                request -> {
                  request.authority(HostAndPort.create(host, -1));
                  return sent(request);
                })
            .compose(response -> response.body().map(response)));
  }

  private static String said(HttpClientConnection connection, String host) throws Exception {
    HttpClientResponse answer = answer(connection, host);
    String body = await(answer.body()).toString().strip();
    return answer.statusCode() + " " + body;
  }

  private static void isMisdirected(HttpClientConnection connection, String host) throws Exception {
    HttpClientResponse answer = answer(connection, host);
    assertThat(answer.statusCode()).as(host).isEqualTo(421);
    assertThat(answer.getHeader("proxy-status")).isEqualTo(STATUS);
    assertThat(await(answer.body()).toString()).isEqualTo("misdirected request\n");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void anotherServersHandshakeDoesNotReachWhatAsksForACertificate(HttpVersion version)
      throws Exception {
    HttpClientConnection exact = connected(version, "shop.test", false);
    HttpClientConnection covered = connected(version, "other.shop.test", false);

    isMisdirected(exact, "admin.shop.test");
    isMisdirected(exact, "ADMIN.shop.test:443");
    isMisdirected(covered, "admin.shop.test");
    isMisdirected(exact, "unknown.test");
    assertThat(said(exact, "shop.test")).isEqualTo("200 open");
    assertThat(said(covered, "third.shop.test")).isEqualTo("200 open");
    assertThat(said(covered, "shop.test")).isEqualTo("200 open");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void whoProvedItselfReachesThatServerOnly(HttpVersion version) throws Exception {
    HttpClientConnection proved = connected(version, "admin.shop.test", true);

    assertThat(said(proved, "admin.shop.test")).isEqualTo("200 closed");
    isMisdirected(proved, "shop.test");
    isMisdirected(proved, "other.shop.test");
    HttpVersion one = HttpVersion.HTTP_1_1;
    assertThatThrownBy(() -> said(connected(one, "admin.shop.test", false), "admin.shop.test"))
        .isNotNull();
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void plaintextReachesPlainServersOnly(HttpVersion version) throws Exception {
    HttpClientConnection plain = connected(version, "", false);

    isMisdirected(plain, "admin.shop.test");
    isMisdirected(plain, "shop.test");
    assertThat(said(plain, "plain.test")).isEqualTo("200 plain");
    assertThat(said(plain, "third.shop.test")).isEqualTo("200 open"); // on both servers
    assertThat(answer(plain, "unknown.test").statusCode()).isEqualTo(404);
    isMisdirected(connected(version, "shop.test", false), "plain.test");
  }

  @Test
  void aConnectionOfBeforeDoesNotOutliveWhatIsAskedNow() throws Exception {
    HttpClientConnection before = connected(HttpVersion.HTTP_2, "shop.test", false);
    assertThat(said(before, "shop.test")).isEqualTo("200 open");

    write("rules.yaml", servers("MUTUAL"));
    int status = 200;
    for (int i = 0; i < 5000 && status == 200; i++) {
      status = answer(before, "shop.test").statusCode();
    }

    assertThat(status).isEqualTo(421);
    HttpClientConnection proved = connected(HttpVersion.HTTP_2, "shop.test", true);
    assertThat(said(proved, "shop.test")).isEqualTo("200 open");
  }

  @Test
  void aSecretOfAnotherNamespaceIsNotShown() throws Exception {
    HttpClientConnection before = connected(HttpVersion.HTTP_1_1, "shop.test", false);
    write("entry4.yaml", secret("shown", "elsewhere"));
    write("entry3.yaml", rule("plain", "plain.test").replace("string: plain", "string: after"));
    HttpClientConnection plain = connected(HttpVersion.HTTP_1_1, "", false);
    String said = "";
    for (int i = 0; i < 5000 && !said.equals("200 after"); i++) {
      said = said(plain, "plain.test");
    }
    assertThat(said).isEqualTo("200 after");
    assertThat(said(before, "shop.test")).isEqualTo("200 open");

    restart();

    assertThatThrownBy(() -> connected(HttpVersion.HTTP_1_1, "shop.test", false)).isNotNull();
    assertThat(said(connected(HttpVersion.HTTP_1_1, "admin.shop.test", true), "admin.shop.test"))
        .isEqualTo("200 closed");
  }
}
