package dev.weft.control.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.kubernetes.trust.AuthoritySecret.Part;
import dev.weft.kubernetes.trust.AuthoritySecret.Parts;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Issuer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class SigningTest {

  private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

  private static GivenAuthority given;
  private static GivenAuthority other;

  @BeforeAll
  static void make() throws Exception {
    given = GivenAuthority.make(NOW);
    other = GivenAuthority.make(NOW);
  }

  @Test
  void anIntermediateAuthorityHasItsRootAboveIt() throws Exception {
    Signing read = Signing.of(given.parts(), NOW);

    assertThat(read.signer()).isEqualTo(given.intermediate());
    assertThat(read.root()).isEqualTo(given.root());
    assertThat(read.chain()).containsExactly(given.intermediate());
    assertThat(read.toString()).isEqualTo("Signing as CN=intermediate");
  }

  @Test
  void rootsInTheChainAreNotShownTwice() throws Exception {
    Parts parts = given.parts();
    Part whole = new Part("tls.crt", Pem.certificates(List.of(given.intermediate(), given.root())));

    Signing read = Signing.of(new Parts(whole, parts.key(), parts.chain(), parts.roots()), NOW);

    assertThat(read.chain()).containsExactly(given.intermediate());
  }

  @Test
  void aRootMaySignItself() throws Exception {
    Signing made = CertificateAuthority.found(ticker());
    String key = Pem.of("PRIVATE KEY", made.key().getEncoded());

    Signing read = Signing.of(Parts.ofRoot(Pem.certificates(made.roots()), key), NOW);

    assertThat(read).isEqualTo(made);
  }

  @Test
  void whatDoesNotBelongTogetherIsToldByTheKeysOfTheSecret() {
    assertRefused(
        GivenAuthority.parts(given.intermediate(), other.key(), given.root()),
        "tls.key is not the key of tls.crt");
    assertRefused(
        GivenAuthority.parts(given.intermediate(), given.key(), other.root()),
        "tls.crt does not lead to a root in ca.crt");
  }

  @Test
  void aWorkloadsCertificateSignsNothing() throws Exception {
    SigningRequest workload = SigningRequest.create();
    X509Certificate leaf =
        new CertificateAuthority(
                Signing.of(given.parts(), NOW), "cluster.local", Duration.ofMinutes(10), ticker())
            .issue(workload.keys().getPublic(), new SpiffeId("cluster.local", "a", "b"));

    assertRefused(
        GivenAuthority.parts(leaf, workload.keys().getPrivate(), given.root()),
        "tls.crt is no authority's certificate");
  }

  @Test
  void materialOutsideItsTimeAndBrokenMaterialIsRefused() {
    assertThatThrownBy(() -> Signing.of(given.parts(), NOW.plus(Duration.ofHours(1))))
        .hasMessage("tls.crt ended at 2026-05-01T12:30:00Z");
    assertThatThrownBy(() -> Signing.of(given.parts(), NOW.minus(Duration.ofHours(1))))
        .hasMessage("tls.crt begins at 2026-05-01T11:30:00Z");
    Parts parts = given.parts();
    assertRefused(
        new Parts(new Part("tls.crt", ""), parts.key(), parts.chain(), parts.roots()),
        "tls.crt holds no certificate (expected: PEM)");
    assertRefused(
        new Parts(parts.certificate(), new Part("tls.key", "x"), parts.chain(), parts.roots()),
        "tls.key holds no key");
  }

  @Test
  void noCertificateOutlivesItsSigner() throws Exception {
    CertificateAuthority authority =
        new CertificateAuthority(
            Signing.of(given.parts(), NOW), "cluster.local", Duration.ofDays(1), ticker());

    X509Certificate leaf =
        authority.issue(
            SigningRequest.create().keys().getPublic(), new SpiffeId("cluster.local", "a", "b"));

    assertThat(leaf.getNotAfter()).isEqualTo(given.intermediate().getNotAfter());
    assertThat(authority.chain(leaf)).containsExactly(leaf, given.intermediate());
    leaf.verify(given.intermediate().getPublicKey());
  }

  @Test
  void listsOfWhatIsRevokedStandBesideIt() throws Exception {
    TestCertificates mesh = new TestCertificates(NOW);
    String bad = mesh.good("spiffe://cluster.local/ns/a/sa/b").certificate();

    Signing read = Signing.of(listing(mesh, mesh.list(bad)), NOW);

    assertThat(read.revoked().revoked(certificate(bad))).isTrue();
    assertThat(read.revoked().revoked(read.root())).isFalse();
    assertRefused(
        listing(mesh, new TestCertificates(NOW).list()),
        "ca-crl.pem: the list of 'CN=Weft mesh root,O=Weft' is not signed by the authority");
    assertRefused(listing(mesh, "\n"), "ca-crl.pem holds 0 revocation lists");
  }

  @Test
  void listsThatNobodyCanVerifyYetWaitWithTheirSigner() throws Exception {
    TestCertificates mesh = new TestCertificates(NOW);
    TestCertificates later = new TestCertificates(NOW);
    String bad = mesh.good("spiffe://cluster.local/ns/a/sa/b").certificate();
    Signing now = Signing.of(listing(mesh, mesh.list(bad)), NOW);
    Issuer between =
        TestCertificates.below(later.root(), later.form().subject("CN=between").authority());
    Parts next =
        new Parts(
            new Part("ca-cert.pem", between.chain()),
            new Part("ca-key.pem", key(between)),
            new Part("cert-chain.pem", ""),
            new Part("root-cert.pem", later.rootPem() + mesh.rootPem()),
            new Part(
                "ca-crl.pem", TestCertificates.list(between, NOW, NOW.plus(Duration.ofHours(1)))));
    Signing unknown = Signing.of(next, NOW);
    Signing known = unknown.revoking(Signing.of(listing(later, later.list()), NOW).revoked());

    Signing waits = now.until(unknown, unknown.roots());

    assertThat(waits.signer()).isEqualTo(now.signer());
    assertThat(waits.roots()).isEqualTo(unknown.roots());
    assertThat(waits.revoked()).isEqualTo(now.revoked());
    assertThat(now.until(known, unknown.roots()).revoked()).isEqualTo(known.revoked());
  }

  private static X509Certificate certificate(String pem) throws Exception {
    return WorkloadIdentity.certificates(pem, "tls.crt").get(0);
  }

  private static String key(Issuer of) {
    return Pem.of("PRIVATE KEY", of.keys().getPrivate().getEncoded());
  }

  /** A root that signs itself, beside lists of what is revoked. */
  private static Parts listing(TestCertificates by, String lists) {
    return new Parts(
        new Part("ca-cert.pem", by.rootPem()),
        new Part("ca-key.pem", key(by.root())),
        new Part("cert-chain.pem", ""),
        new Part("root-cert.pem", by.rootPem()),
        new Part("ca-crl.pem", lists));
  }

  private static Ticker ticker() {
    return new Ticker() {
      @Override
      public long nanos() {
        return 0;
      }

      @Override
      public long epochMillis() {
        return NOW.toEpochMilli();
      }
    };
  }

  private static void assertRefused(Parts parts, String sentence) {
    assertThatThrownBy(() -> Signing.of(parts, NOW)).hasMessageStartingWith(sentence);
  }
}
