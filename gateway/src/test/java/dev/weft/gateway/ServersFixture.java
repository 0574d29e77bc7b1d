package dev.weft.gateway;

import dev.weft.testkit.Requests;
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
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A gateway whose servers share a port: one in plaintext, one with TLS, one that asks for proof.
 */
abstract class ServersFixture extends GatewayFixture {

  final TestCertificates authority = new TestCertificates(Instant.now());
  final Leaf leaf = authority.good("spiffe://mesh.test/ns/a/sa/edge");

  String servers(String shop) {
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

  static String rule(String name, String hosts) {
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

  String secret(String name, String namespace) {
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

  HttpClientConnection connected(HttpVersion version, String name, boolean proves)
      throws Exception {
    return connected(version, name, proves ? Optional.of(leaf) : Optional.empty());
  }

  /** As the other, by whoever has that certificate. */
  HttpClientConnection connected(HttpVersion version, String name, Optional<Leaf> caller)
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
    caller.ifPresent(
        shown ->
            options.setKeyCertOptions(
                new PemKeyCertOptions()
                    .addCertValue(Buffer.buffer(shown.certificate()))
                    .addKeyValue(Buffer.buffer(shown.key()))));
    HttpConnectOptions to =
        new HttpConnectOptions()
            .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
            .setHost(name.isEmpty() ? "plain.test" : name)
            .setPort(port)
            .setSsl(!name.isEmpty());
    return await(kept(vertx.httpClientBuilder().with(options).build()).connect(to));
  }

  static HttpClientResponse answer(HttpClientConnection connection, String host, String... header)
      throws Exception {
    return answerAt(connection, host, "/", header);
  }

  private static HttpClientResponse answerAt(
      HttpClientConnection connection, String host, String path, String... header)
      throws Exception {
    return await(
        connection
            .request(new RequestOptions().setMethod(HttpMethod.GET).setURI(path))
            .compose(
                request -> {
                  request.authority(HostAndPort.create(host, -1));
                  for (int i = 0; i < header.length; i += 2) {
                    request.putHeader(header[i], header[i + 1]);
                  }
                  return Requests.sent(request);
                })
            .compose(response -> response.body().map(response)));
  }

  static String said(HttpClientConnection connection, String host, String... header)
      throws Exception {
    return saidAt(connection, host, "/", header);
  }

  static String saidAt(HttpClientConnection connection, String host, String path, String... header)
      throws Exception {
    HttpClientResponse answer = answerAt(connection, host, path, header);
    String body = await(answer.body()).toString().strip();
    return answer.statusCode() + " " + body;
  }
}
