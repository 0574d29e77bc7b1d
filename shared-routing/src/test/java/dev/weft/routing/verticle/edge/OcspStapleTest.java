package dev.weft.routing.verticle.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OcspStapleTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final TestCertificates authority = new TestCertificates(now);
  private final Leaf leaf = authority.ofName("shop.test");

  private List<X509Certificate> chain(TestCertificates issuer) throws CertificateException {
    return WorkloadIdentity.certificates(leaf.certificate() + issuer.rootPem(), "tls.crt");
  }

  private OcspStaple checked(byte[] told) throws GeneralSecurityException {
    return OcspStaple.checked(told, chain(authority), now);
  }

  private void refused(byte[] told, String why) {
    assertThatThrownBy(() -> checked(told))
        .isInstanceOf(CertificateException.class)
        .hasMessageStartingWith(why);
  }

  @Test
  void aGoodOneIsShownUntilItEnds() throws Exception {
    byte[] der = authority.vouches(leaf, now.minusSeconds(5), now.plus(HOUR));

    OcspStaple staple = checked(der);

    assertThat(staple.der()).isEqualTo(der);
    assertThat(staple.holds(now.plus(HOUR).minusSeconds(1))).isTrue();
    assertThat(staple.holds(now.plus(HOUR))).isFalse();
  }

  @Test
  void itMayBeBase64InLinesAndThatOnceMore() throws Exception {
    byte[] der = authority.vouches(leaf, now, now.plus(HOUR));
    String lines =
        "-----BEGIN OCSP RESPONSE-----\n"
            + Base64.getMimeEncoder().encodeToString(der)
            + "\n-----END OCSP RESPONSE-----\n";

    assertThat(checked(lines.getBytes(StandardCharsets.US_ASCII)).der()).isEqualTo(der);
    assertThat(checked(Base64.getEncoder().encode(lines.getBytes(StandardCharsets.US_ASCII))).der())
        .isEqualTo(der);
  }

  @Test
  void aBadOneIsRefusedWithItsReason() {
    Instant before = now.minus(HOUR);
    refused(authority.vouches(leaf, before, now), "it ended at " + now);
    refused(authority.vouches(leaf, now.plus(HOUR), now.plus(HOUR).plus(HOUR)), "it begins at ");
    refused(authority.revokes(leaf), "it says that the certificate is revoked");
    refused(
        authority.vouches(authority.ofName("shop.test"), before, now.plus(HOUR)),
        "it is about another certificate");
    refused(new byte[0], "it is no OCSP response of an authority");
    refused("none".getBytes(StandardCharsets.US_ASCII), "it is no OCSP response of an authority");
  }

  @Test
  void whatTheIssuerDidNotSignIsRefused() throws Exception {
    TestCertificates foreign = new TestCertificates(now);
    refused(
        foreign.vouches(leaf, now, now.plus(HOUR)),
        "the issuer of the certificate does not vouch for it");
    List<X509Certificate> alone = chain(authority).subList(0, 1); // nobody is there to compare with
    assertThat(
            OcspStaple.checked(foreign.vouches(leaf, now, now.plus(HOUR)), alone, now).holds(now))
        .isTrue();
  }

  @Test
  void whateverItIsGivenItFailsInWords() {
    byte[] good = authority.vouches(leaf, now, now.plus(HOUR));
    Random random = new Random(6);
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = Arrays.copyOf(good, 1 + random.nextInt(good.length));
      for (int change = random.nextInt(4); change >= 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        checked(bytes);
      } catch (GeneralSecurityException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/certs/tls.crt, /certs/tls.ocsp-staple",
    "/certs/shop.test.pem, /certs/shop.test.ocsp-staple",
    "/certs/shop, /certs/shop.ocsp-staple"
  })
  void itStandsBesideTheCertificate(String certificate, String staple) {
    assertThat(OcspStaple.beside(Path.of(certificate))).isEqualTo(Path.of(staple));
  }
}
