package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.OpenSsl;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What a handshake at a gateway has beside a certificate: sessions to take up, staples. */
@EnabledIf(value = "possible", disabledReason = "needs openssl")
final class EdgeTlsIT extends GatewayFixture {

  private static final int ROUNDS = 200;
  private static final int LOOKS = 400;
  private static final List<String> VERSIONS = List.of("-tls1_2", "-tls1_3");
  private static final String HERE = "\r\n\r\nhere"; // the answer
  private static final Duration HOUR = Duration.ofHours(1);
  private static final String STAPLED = "OCSP Response Status: successful";
  private static final String NOT_STAPLED = "OCSP response: no response sent";

  private final Instant now = Instant.now();
  private final TestCertificates authority = new TestCertificates(now);
  private final TestCertificates foreign = new TestCertificates(now);
  private final Leaf leaf = authority.ofName("shop.test");

  static boolean possible() {
    return OpenSsl.installed();
  }

  private Path files() {
    return state.resolve("certificate");
  }

  private void begin(String tls, String... more) throws Exception {
    leaf.write(files());
    String edge =
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
          - port: {number: %d, name: one, protocol: HTTPS}
            bind: 127.0.0.1
            hosts: [shop.test]
            tls: %s
        """
            .formatted(port, tls.replace("FILES", filesOf()));
    String[] documents = new String[2 + more.length];
    documents[0] =
        rules("{directResponse: {status: 200, body: {string: here}}}")
            .replace("hosts: [shop.test]", "hosts: [shop.test], gateways: [edge]");
    documents[1] = edge;
    System.arraycopy(more, 0, documents, 2, more.length);
    gatewayOfServers(documents);
  }

  private String filesOf() {
    return "serverCertificate: %1$s/tls.crt, privateKey: %1$s/tls.key".formatted(files());
  }

  private String handshake(String... flags) throws Exception {
    return OpenSsl.handshake(port, "shop.test", flags);
  }

  @Test
  void aSessionIsTakenUpAgainUnderTheSameCertificateOnly() throws Exception {
    begin("{mode: SIMPLE, FILES}");
    for (String version : VERSIONS) {
      String first = handshake(version, "-sess_out", session(version));
      String second = handshake(version, "-sess_in", session(version));

      assertThat(first).contains("\nNew, TLSv1.").contains(HERE);
      assertThat(second).contains("\nReused, TLSv1.").contains(HERE);
    }

    Leaf other = foreign.ofName("shop.test");
    replace("tls.key", other.key().getBytes(StandardCharsets.US_ASCII));
    replace("tls.crt", other.certificate().getBytes(StandardCharsets.US_ASCII));
    for (String version : VERSIONS) {
      String last = "";
      for (int i = 0; i < ROUNDS && !last.contains("\nNew, TLSv1."); i++) {
        last = handshake(version, "-sess_in", session(version));
      }
      assertThat(last).contains("\nNew, TLSv1.").contains(HERE);
    }
  }

  private String session(String version) {
    return state.resolve("session" + version).toString();
  }

  @Test
  void whoMustProveItselfProvesItEachTime() throws Exception {
    begin("{mode: MUTUAL, FILES, caCertificates: %s/ca.crt}".formatted(files()));
    authority.good("spiffe://mesh.test/ns/a/sa/caller").write(state.resolve("caller"));
    List<String> proof =
        List.of(
            "-cert",
            state.resolve("caller/tls.crt").toString(),
            "-key",
            state.resolve("caller/tls.key").toString());
    for (String version : VERSIONS) {
      String first = handshake(with(proof, version, "-sess_out", session(version)));
      String second = handshake(with(proof, version, "-sess_in", session(version)));

      assertThat(first).contains("\nNew, TLSv1.").contains(HERE);
      assertThat(second).contains("\nNew, TLSv1.").contains(HERE);
      assertThat(handshake(version, "-sess_in", session(version))).doesNotContain(HERE);
    }
  }

  private static String[] with(List<String> some, String... more) {
    String[] all = some.toArray(new String[some.size() + more.length]);
    System.arraycopy(more, 0, all, some.size(), more.length);
    return all;
  }

  @Test
  void aStapleBesideTheCertificateIsShownAndFollowed() throws Exception {
    begin("{mode: SIMPLE, FILES}");
    assertThat(handshake("-status")).contains(NOT_STAPLED).contains(HERE);

    replace("tls.ocsp-staple", authority.vouches(leaf, now, now.plus(HOUR)));
    String shown = status(STAPLED);
    assertThat(shown).contains("Cert Status: good").contains(HERE);
    assertThat(handshake()).doesNotContain("OCSP").contains(HERE);
  }

  @Test
  void whatAServerShowsIsListedThoughNobodyCallsAndFollowed() throws Exception {
    admin = FreePorts.next();
    begin("{mode: SIMPLE, FILES}");
    assertThat(listed("\"id\":\"shop.test\""))
        .contains("\"issuer\":\"CN=Weft mesh root,O=Weft\"")
        .contains("\"not_after\":\"" + end(Duration.ofDays(1)));

    Leaf next =
        authority.leaf(
            authority.form(now.minus(HOUR), now.plus(HOUR)).dns("shop.test").dns("www.shop.test"),
            authority.root());
    replace("tls.key", next.key().getBytes(StandardCharsets.US_ASCII));
    replace("tls.crt", next.certificate().getBytes(StandardCharsets.US_ASCII));

    assertThat(listed("\"id\":\"shop.test, www.shop.test\""))
        .contains(end(HOUR))
        .contains("\"faults\":[]");
  }

  private String end(Duration later) {
    return now.plus(later).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private String listed(String wanted) throws Exception {
    String told = "";
    for (int i = 0; i < LOOKS && !told.contains(wanted); i++) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      told = admin("/certs");
    }
    return told;
  }

  @Test
  void aStapleOfASecretIsShownAsLongAsItIsGood() throws Exception {
    admin = FreePorts.next();
    begin(
        "{mode: SIMPLE, credentialName: shop}",
        secret("data", authority.vouches(leaf, now, now.plus(HOUR))));
    assertThat(status(STAPLED)).contains("Cert Status: good").contains(HERE);

    byte[] ended = authority.vouches(leaf, now.minus(HOUR), now.minusSeconds(1));
    write("entry2.yaml", secret("data", ended));
    assertThat(status(NOT_STAPLED)).contains(HERE);
    assertThat(admin("/certs"))
        .containsPattern("\"kind\":\"staple\",\"of\":\"[^\"]*/entry1.yaml:6:5\"")
        .contains("its OCSP staple is not shown: it ended at ");
    assertThat(admin("/metrics"))
        .contains("weft_certificate_faults{kind=\"staple\"} 1.0\n")
        .contains("weft_certificate_faults{kind=\"server\"} 0.0\n");
    write("entry2.yaml", secret("stringData", authority.vouches(leaf, now, now.plus(HOUR))));
    assertThat(status(STAPLED)).contains(HERE);
    assertThat(admin("/certs")).contains("\"faults\":[]");
  }

  private String status(String wanted) throws Exception {
    String last = "";
    for (int i = 0; i < ROUNDS && !last.contains(wanted); i++) {
      last = handshake("-status");
    }
    assertThat(last).contains(wanted);
    return last;
  }

  private String secret(String field, byte[] staple) {
    Base64.Encoder encoder = Base64.getEncoder();
    return """
        apiVersion: v1
        kind: Secret
        metadata: {name: shop}
        data:
          tls.crt: %s
          tls.key: %s
        ---
        """
        .replace("---\n", field.equals("data") ? "" : "stringData:\n")
        .concat("  tls.ocsp-staple: %s\n")
        .formatted(
            encoder.encodeToString(leaf.certificate().getBytes(StandardCharsets.US_ASCII)),
            encoder.encodeToString(leaf.key().getBytes(StandardCharsets.US_ASCII)),
            encoder.encodeToString(staple));
  }

  private void replace(String file, byte[] content) throws Exception {
    Path draft = Files.write(files().resolve("." + file), content);
    Files.move(draft, files().resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }
}
