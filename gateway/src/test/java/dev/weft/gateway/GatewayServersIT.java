package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers of a Gateway by their protocol, and with certificates of files. */
final class GatewayServersIT extends GatewayFixture {

  private static final String EDGE = "spiffe://mesh.test/ns/a/sa/edge";

  private final TestCertificates authority = new TestCertificates(Instant.now());
  private final TestCertificates foreign = new TestCertificates(Instant.now());

  @ParameterizedTest
  @ValueSource(strings = {"HTTP", "HTTP2", "GRPC"})
  void aPlainServerSpeaksBothVersionsWhateverItsProtocolIsCalled(String protocol) throws Exception {
    int backend =
        backend(
            request -> {
              request.response().setChunked(true).putTrailer("grpc-status", "0");
              request.body().onSuccess(body -> request.response().end(body));
            });
    begin(backend, "protocol: " + protocol, "");

    for (HttpVersion version : new HttpVersion[] {HttpVersion.HTTP_2, HttpVersion.HTTP_1_1}) {
      HttpClientResponse answer =
          await(request(version, HttpMethod.POST, "/shop.Cart/Add", Buffer.buffer("message")));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.version()).isEqualTo(version);
      assertThat(await(answer.body()).toString()).isEqualTo("message");
      assertThat(answer.getTrailer("grpc-status")).isEqualTo("0");
    }
  }

  @Test
  void aServersCertificateMayBeOfFilesThatAreReadAgainWhenTheyChange() throws Exception {
    Path files = state.resolve("certificate");
    authority.good(EDGE).write(files);
    begin(
        backend(request -> request.response().end("here")),
        "protocol: HTTPS",
        "tls: {mode: SIMPLE, serverCertificate: %1$s/tls.crt, privateKey: %1$s/tls.key}"
            .formatted(files));
    HttpClientConnection before = connected(trusting());
    assertThat(said(before)).isEqualTo("200 here");
    String first = serial(before);

    authority.good(EDGE).write(files);
    String shown = first;
    long end = System.nanoTime() + 30_000_000_000L; // files are looked at every 5 s
    while (shown.equals(first) && System.nanoTime() < end) {
      HttpClientConnection fresh = connected(trusting());
      shown = serial(fresh);
      await(fresh.close());
    }

    assertThat(shown).isNotEqualTo(first);
    assertThat(said(before)).as("over the connection of before").isEqualTo("200 here");
  }

  @Test
  void aServerWithCaCertificatesAsksForOneOfTheirs() throws Exception {
    Path files = state.resolve("certificate");
    authority.good(EDGE).write(files);
    begin(
        backend(request -> request.response().end("here")),
        "protocol: HTTPS",
        ("tls: {mode: MUTUAL, serverCertificate: %1$s/tls.crt, privateKey: %1$s/tls.key,"
                + " caCertificates: %1$s/ca.crt}")
            .formatted(files));
    Leaf known = authority.good("spiffe://mesh.test/ns/a/sa/caller");
    Leaf stranger = foreign.good("spiffe://mesh.test/ns/a/sa/caller");

    assertThat(said(connected(showing(known)))).isEqualTo("200 here");
    assertThatThrownBy(() -> said(connected(trusting()))).isNotNull();
    assertThatThrownBy(() -> said(connected(showing(stranger)))).isNotNull();
  }

  private void begin(int backend, String protocol, String tls) throws Exception {
    String edge =
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
          - port: {number: %d, name: one, %s}
            bind: 127.0.0.1
            hosts: [shop.test]
            %s
        """
            .formatted(port, protocol, tls);
    gatewayOfServers(
        rules("{route: [{destination: {host: backend.test}}]}")
            .replace("hosts: [shop.test]", "hosts: [shop.test], gateways: [edge]"),
        entry(backend),
        edge);
  }

  private HttpClientOptions trusting() {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setSsl(true)
        .setUseAlpn(true)
        .setForceSni(true)
        .setVerifyHost(false) // a workload's certificate, which names no host
        .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(authority.rootPem())));
  }

  private HttpClientOptions showing(Leaf leaf) {
    return trusting()
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(leaf.certificate()))
                .addKeyValue(Buffer.buffer(leaf.key())));
  }

  private HttpClientConnection connected(HttpClientOptions options) throws Exception {
    return await(
        kept(vertx.httpClientBuilder().with(options).build())
            .connect(
                new HttpConnectOptions()
                    .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
                    .setHost("shop.test")
                    .setPort(port)
                    .setSsl(true)));
  }

  private static String serial(HttpClientConnection connection) throws Exception {
    return ((java.security.cert.X509Certificate) connection.peerCertificates().get(0))
        .getSerialNumber()
        .toString();
  }

  private static String said(HttpClientConnection connection) throws Exception {
    HttpClientResponse answer = await(WaysFixture.sent(connection, HttpMethod.GET, "/"));
    return answer.statusCode() + " " + await(answer.body());
  }
}
