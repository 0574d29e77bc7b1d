package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A gateway between a client and a backend that speak what a test says. */
abstract class WaysFixture extends GatewayFixture {

  private static final String BACKEND = "spiffe://mesh.test/ns/a/sa/backend";

  final TestCertificates authority = new TestCertificates(Instant.now());

  /** What is spoken on both sides, and whether over TLS. */
  record Way(HttpVersion client, HttpVersion upstream, boolean tls) {}

  static Stream<Way> plainWays() {
    return Stream.of(HttpVersion.HTTP_1_1, HttpVersion.HTTP_2)
        .flatMap(
            client ->
                Stream.of(HttpVersion.HTTP_1_1, HttpVersion.HTTP_2)
                    .map(upstream -> new Way(client, upstream, false)));
  }

  static Stream<Way> ways() {
    return plainWays().flatMap(way -> Stream.of(way, new Way(way.client(), way.upstream(), true)));
  }

  void begin(Way way, Answer answer) throws Exception {
    int backend = way.tls() ? secured(answer) : backend(answer);
    String protocol = way.upstream() == HttpVersion.HTTP_2 ? "HTTP2" : "HTTP";
    String entry = entry(backend).replace("name: http}", "name: http, protocol: " + protocol + "}");
    String rules = rules("{route: [{destination: {host: backend.test}}]}");
    if (!way.tls()) {
      gateway(rules, entry);
      return;
    }
    Path roots = state.resolve("roots.pem");
    Files.writeString(roots, authority.rootPem());
    gatewayOfServers(
        rules.replace("hosts: [shop.test]", "hosts: [shop.test], gateways: [edge]"),
        entry,
        edge(),
        secret(authority.good("spiffe://mesh.test/ns/a/sa/edge")),
        origination(roots));
  }

  private int secured(Answer answer) throws Exception {
    Leaf leaf = authority.good(BACKEND);
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setSslEngineOptions(engine())
            .setUseAlpn(true)
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .addCertValue(Buffer.buffer(leaf.certificate()))
                    .addKeyValue(Buffer.buffer(leaf.key())));
    return await(
            kept(vertx.createHttpServer(options)).requestHandler(answer::to).listen(0, "127.0.0.1"))
        .actualPort();
  }

  /** The JDK's TLS, compiled little as tests are, is ten times slower than what it talks to. */
  private static SSLEngineOptions engine() {
    return OpenSSLEngineOptions.isAvailable()
        ? new OpenSSLEngineOptions()
        : new JdkSSLEngineOptions();
  }

  private static String origination(Path roots) {
    return """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: backend}
        spec:
          host: backend.test
          trafficPolicy:
            tls: {mode: SIMPLE, caCertificates: %s, subjectAltNames: ['%s'], sni: backend.test}
        """
        .formatted(roots, BACKEND);
  }

  String edge() {
    return """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
          - port: {number: %d, name: https, protocol: HTTPS}
            bind: 127.0.0.1
            hosts: [shop.test]
            tls: {mode: SIMPLE, credentialName: shop}
        """
        .formatted(port);
  }

  static String secret(Leaf leaf) {
    return """
        apiVersion: v1
        kind: Secret
        metadata: {name: shop}
        stringData:
          tls.crt: |
        %s
          tls.key: |
        %s
        """
        .formatted(indented(leaf.certificate()), indented(leaf.key()));
  }

  private static String indented(String pem) {
    return pem.strip().lines().map(line -> "    " + line).collect(Collectors.joining("\n"));
  }

  HttpClientConnection connected(Way way) throws Exception {
    return way.tls() ? secured(way.client()) : plain(way.client());
  }

  private HttpClientConnection plain(HttpVersion version) throws Exception {
    HttpClientOptions options =
        new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false);
    return connected(options, false);
  }

  HttpClientConnection secured(HttpVersion version) throws Exception {
    return connected(
        new HttpClientOptions()
            .setProtocolVersion(version)
            .setSsl(true)
            .setSslEngineOptions(engine())
            .setUseAlpn(true)
            .setForceSni(true)
            .setVerifyHost(false) // a workload's certificate, which names no host
            .setTrustOptions(
                new PemTrustOptions().addCertValue(Buffer.buffer(authority.rootPem()))),
        true);
  }

  private HttpClientConnection connected(HttpClientOptions options, boolean tls) throws Exception {
    HttpClientAgent agent = kept(vertx.httpClientBuilder().with(options).build());
    return await(
        agent.connect(
            new HttpConnectOptions()
                .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
                .setHost("shop.test")
                .setPort(port)
                .setSsl(tls)));
  }

  static Future<HttpClientRequest> request(
      HttpClientConnection connection, HttpMethod method, String uri) {
    return connection
        .request(new RequestOptions().setMethod(method).setURI(uri))
        .onSuccess(request -> request.authority(HostAndPort.create("shop.test", -1)));
  }

  /** Its body is kept for whoever asks for it later. */
  static Future<HttpClientResponse> sent(
      HttpClientConnection connection, HttpMethod method, String uri) {
    return request(connection, method, uri)
        .compose(Requests::sent)
        .compose(response -> response.body().map(response));
  }

  /** What a count comes to rest at: the same for half a second. */
  long settled(AtomicLong count) throws Exception {
    long before = -1;
    int same = 0;
    for (int i = 0; i < 50 * PATIENCE_SECONDS && same < 25; i++) {
      await(vertx.timer(20, TimeUnit.MILLISECONDS));
      long now = count.get();
      same = now == before && now > 0 ? same + 1 : 0;
      before = now;
    }
    assertThat(same).as("rests, at " + before).isEqualTo(25);
    return before;
  }
}
