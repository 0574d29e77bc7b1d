package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A DestinationRule's {@code tls} towards a backend that asks for certificates, or for none. */
final class OriginationIT extends GatewayFixture {

  private static final String BACKEND = "spiffe://mesh.test/ns/a/sa/backend";
  private static final String OWN = "spiffe://mesh.test/ns/a/sa/own";
  private static final String TO_BACKEND = "{route: [{destination: {host: backend.test}}]}";

  private final TestCertificates authority = new TestCertificates(Instant.now());
  private final AtomicReference<String> seen = new AtomicReference<>("nobody");

  @Test
  void withMutualTheGatewayProvesItselfByItsFiles() throws Exception {
    Path files = state.resolve("own");
    authority.good(OWN).write(files);

    gateway(
        rules(TO_BACKEND),
        entry(asking()),
        rule(
            ("{mode: MUTUAL, clientCertificate: %1$s/tls.crt, privateKey: %1$s/tls.key,"
                    + " caCertificates: %1$s/ca.crt, subjectAltNames: ['"
                    + BACKEND
                    + "'], sni: b.test}")
                .formatted(files)));

    assertThat(text("/")).isEqualTo("proved");
    assertThat(seen.get()).isEqualTo(OWN);
  }

  @Test
  void withSimpleItProvesNothing() throws Exception {
    Path files = state.resolve("own");
    authority.good(OWN).write(files);

    gateway(
        rules(TO_BACKEND),
        entry(asking()),
        rule(
            "{mode: SIMPLE, caCertificates: %s/ca.crt, subjectAltNames: ['%s'], sni: b.test}"
                .formatted(files, BACKEND)));

    assertThat(status()).as("refused in or after the handshake").isIn(502, 503);
    assertThat(seen.get()).isEqualTo("nobody");
  }

  @Test
  void aBackendWithoutTheNameThatIsAskedForGetsNoRequest() throws Exception {
    Path files = state.resolve("own");
    authority.good(OWN).write(files);

    gateway(
        rules(TO_BACKEND),
        entry(asking()),
        rule(
            ("{mode: MUTUAL, clientCertificate: %1$s/tls.crt, privateKey: %1$s/tls.key,"
                    + " caCertificates: %1$s/ca.crt, subjectAltNames: ['spiffe://x/ns/a/sa/b'],"
                    + " sni: b.test}")
                .formatted(files)));

    assertThat(status()).isEqualTo(503);
    assertThat(seen.get()).isEqualTo("nobody");
  }

  @Test
  void withDisableAnEndpointInsideTheMeshIsReachedInPlaintext() throws Exception {
    int plain = backend(request -> request.response().end(request.isSSL() ? "tls" : "plain"));
    String inside =
        entry(plain)
            .replace("resolution: STATIC", "resolution: STATIC\n  location: MESH_INTERNAL")
            .replace("labels: {", "serviceAccount: backend, labels: {");

    gateway(rules(TO_BACKEND), inside, rule("{mode: DISABLE}"));

    assertThat(text("/")).isEqualTo("plain");
  }

  private int status() throws Exception {
    HttpClientResponse answer =
        await(request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Buffer.buffer()));
    return answer.statusCode();
  }

  private static String rule(String tls) {
    return """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: backend}
    spec: {host: backend.test, trafficPolicy: {tls: %s}}
    """
        .formatted(tls);
  }

  /** A backend that takes those of the authority alone. */
  private int asking() throws Exception {
    Leaf leaf = authority.good(BACKEND);
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setClientAuth(ClientAuth.REQUIRED)
            .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(authority.rootPem())))
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .addCertValue(Buffer.buffer(leaf.certificate()))
                    .addKeyValue(Buffer.buffer(leaf.key())));
    return await(
            kept(vertx.createHttpServer(options))
                .requestHandler(this::answer)
                .listen(0, "127.0.0.1"))
        .actualPort();
  }

  private void answer(HttpServerRequest request) {
    try {
      X509Certificate shown = (X509Certificate) request.connection().peerCertificates().get(0);
      seen.set(String.valueOf(shown.getSubjectAlternativeNames().iterator().next().get(1)));
      request.response().end("proved");
    } catch (Exception e) {
      request.response().setStatusCode(500).end(String.valueOf(e.getMessage()));
    }
  }
}
