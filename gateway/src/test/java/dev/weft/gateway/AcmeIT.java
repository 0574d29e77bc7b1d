package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.gateway.acme.AcmeCertificates;
import dev.weft.gateway.acme.AcmeCertificates.Pauses;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.verticle.GatewayListening;
import dev.weft.routing.verticle.edge.IssuedCertificates;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.LogLines;
import dev.weft.testkit.OpenSsl;
import dev.weft.testkit.Tools;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** A gateway obtains certificates of a real authority, by answering for its hosts itself. */
@EnabledIf(
    value = "possible",
    disabledReason = "needs openssl and Pebble (testkit/pebble/build.sh)")
final class AcmeIT extends GatewayFixture {

  private static final Duration VALIDITY = Duration.ofSeconds(12);
  private static final Pauses SOON = new Pauses(Duration.ofMillis(100), Duration.ofSeconds(1));
  private static final String HERE = "\r\n\r\nhere"; // the answer

  @TempDir Path authority;
  private Pebble pebble;
  private AcmeCertificates acme;
  private IssuedCertificates issued;

  static boolean possible() {
    return Tools.there(Pebble.program().isPresent(), "Pebble") && OpenSsl.installed();
  }

  @AfterEach
  void end() {
    if (acme != null) {
      acme.close();
    }
    if (pebble != null) {
      pebble.close();
    }
  }

  private void begin(String more) throws Exception {
    admin = FreePorts.next();
    pebble = Pebble.start(authority, port, VALIDITY);
    gateway(
        new Plan(Map.of(), false, true),
        (snapshot, self) -> {
          if (acme == null) {
            issued = new IssuedCertificates();
            acme =
                new AcmeCertificates(
                    issued,
                    self.identities().faults(),
                    Optional.of(state),
                    new SystemTicker(),
                    SOON,
                    () -> 0);
          }
          acme.want(snapshot.settings().acme());
          return GatewayListening.of(
              snapshot, self.store(), self.carriage(), self.identities(), issued);
        },
        rules("{directResponse: {status: 200, body: {string: here}}}")
            .replace("hosts: [shop.test]", "hosts: [shop.test], gateways: [edge]"),
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
          - port: {number: %d, name: one, protocol: HTTPS}
            bind: 127.0.0.1
            hosts: [shop.test]
            tls: {mode: SIMPLE, credentialName: shop}
        """
            .formatted(port),
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec:
          acme:
            directory: %s
            termsOfServiceAgreed: true
            email: ops@shop.test
            caCertificates: %s
            certificates:
        %s    - {credentialName: shop, hosts: [shop.test]}
        """
            .formatted(pebble.directory(), pebble.authorities(), more));
  }

  @Test
  void aCertificateIsObtainedThenRenewedAndSurvivesARestart() throws Exception {
    begin("");

    X509Certificate first = shown(Optional.empty());
    assertThat(first.getIssuerX500Principal().getName()).contains("Pebble");
    assertThat(first.getSubjectAlternativeNames()).anyMatch(name -> name.contains("shop.test"));
    X509Certificate second = shown(Optional.of(first));
    assertThat(second.getNotBefore()).isAfter(first.getNotBefore());
    assertThat(Instant.now())
        .as("renewed before its end")
        .isBefore(first.getNotAfter().toInstant());

    acme.close();
    acme = null;
    pebble.close();
    restart();
    assertThat(shown(Optional.empty())).isEqualTo(second);
  }

  @Test
  void whatIsNotObtainedIsToldAndKeepsNothingElseBack() throws Exception {
    try (LogLines log = new LogLines(AcmeCertificates.class)) {
      begin("    - {credentialName: blocked, hosts: [blocked.test]}\n");

      shown(Optional.empty());

      assertThat(eventually(() -> log.lines().stream().anyMatch(AcmeIT::refusal))).isTrue();
    }
    assertThat(admin("/certs"))
        .contains("\"kind\":\"acme\",\"of\":\"default/blocked\"")
        .doesNotContain("default/shop");
    assertThat(admin("/metrics")).contains("weft_certificate_faults{kind=\"acme\"} 1.0\n");
    try (Stream<Path> files = Files.list(state.resolve("acme"))) {
      List<Path> all = files.toList();
      assertThat(all)
          .extracting(file -> file.getFileName().toString())
          .containsExactlyInAnyOrder("account-127.0.0.1.pem", "default_shop.pem");
      for (Path file : all) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .isEqualTo("rw-------");
      }
    }
  }

  private static boolean refusal(String line) {
    return line.contains("default/blocked") && line.contains("is not obtained");
  }

  /** The certificate that the gateway shows, once it shows one, and another than {@code before}. */
  private X509Certificate shown(Optional<X509Certificate> before) throws Exception {
    String said = "";
    Instant patience = Instant.now().plusSeconds(60);
    while (Instant.now().isBefore(patience)) {
      said = OpenSsl.handshake(port, "shop.test");
      Optional<X509Certificate> shown = certificate(said);
      if (shown.isPresent() && !shown.equals(before)) {
        assertThat(said).contains(HERE);
        return shown.get();
      }
    }
    throw new AssertionError(said + "\n" + String.join("\n", pebble.log()));
  }

  private static Optional<X509Certificate> certificate(String said) throws CertificateException {
    int begin = said.indexOf("-----BEGIN CERTIFICATE-----");
    return begin < 0
        ? Optional.empty()
        : Optional.of(
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                        new ByteArrayInputStream(
                            said.substring(begin).getBytes(StandardCharsets.US_ASCII))));
  }
}
