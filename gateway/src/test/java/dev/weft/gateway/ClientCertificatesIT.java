package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What those behind a gateway hear of the certificate that its caller proved to have. */
final class ClientCertificatesIT extends ServersFixture {

  private static final String HEADER = "x-forwarded-client-cert";
  private static final String FORGED = "Hash=00;URI=spiffe://mesh.test/ns/a/sa/admin";

  private String own;

  @BeforeEach
  void hash() throws Exception {
    byte[] der =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(leaf.certificate().getBytes(StandardCharsets.US_ASCII)))
            .getEncoded();
    byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(der);
    own = "Hash=" + HexFormat.of().formatHex(sha256) + ";Subject=\"";
  }

  private void begin(String mode) throws Exception {
    int backend =
        backend(request -> request.response().end(request.headers().getAll(HEADER).toString()));
    gatewayOfServers(
        servers("SIMPLE"),
        forwarded("shop.test") + "---\n" + forwarded("admin.shop.test"),
        entry(backend),
        secret("shown", "default"),
        secret("asking", "default"),
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {edge: {%s}}
        """
            .formatted(mode.isEmpty() ? "" : "forwardClientCert: " + mode));
  }

  private static String forwarded(String host) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %1$s}
        spec:
          hosts: [%1$s]
          gateways: [edge]
          http: [{route: [{destination: {host: backend.test}}]}]
        """
        .formatted(host);
  }

  private String heard(String host, boolean proves) throws Exception {
    HttpClientConnection connection = connected(HttpVersion.HTTP_1_1, host, proves);
    return said(connection, host, HEADER, FORGED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "SANITIZE_SET"})
  void whatWasProvedIsToldAndNothingElse(String mode) throws Exception {
    begin(mode);

    assertThat(heard("admin.shop.test", true))
        .startsWith("200 [" + own)
        .endsWith("\";URI=spiffe://mesh.test/ns/a/sa/edge]");
    assertThat(heard("shop.test", false)).isEqualTo("200 []");
  }

  @Test
  void sanitizedIsNothing() throws Exception {
    begin("SANITIZE");

    assertThat(heard("admin.shop.test", true)).isEqualTo("200 []");
    assertThat(heard("shop.test", false)).isEqualTo("200 []");
  }

  @Test
  void appendedStandsBehindWhatCame() throws Exception {
    begin("APPEND_FORWARD");

    assertThat(heard("admin.shop.test", true)).startsWith("200 [" + FORGED + "," + own);
    assertThat(heard("shop.test", false)).isEqualTo("200 []");
  }

  @Test
  void forwardedIsWhatCameOverMutualTls() throws Exception {
    begin("FORWARD_ONLY");

    assertThat(heard("admin.shop.test", true)).isEqualTo("200 [" + FORGED + "]");
    assertThat(heard("shop.test", false)).isEqualTo("200 []");
  }

  @Test
  void alwaysForwardedIsWhateverCame() throws Exception {
    begin("ALWAYS_FORWARD_ONLY");

    assertThat(heard("admin.shop.test", true)).isEqualTo("200 [" + FORGED + "]");
    assertThat(heard("shop.test", false)).isEqualTo("200 [" + FORGED + "]");
  }
}
