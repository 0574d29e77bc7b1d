package dev.weft.routing.identity.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Issuer;
import dev.weft.testkit.TestCertificates.Leaf;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RevocationsTest {

  private static final String ID = "spiffe://cluster.local/ns/prod/sa/search";
  private static final Duration HOUR = Duration.ofHours(1);

  private final Instant now = Instant.now();
  private final TestCertificates mesh = new TestCertificates(now);
  private final TestCertificates foreign = new TestCertificates(now);
  private final Leaf good = mesh.good(ID);
  private final Leaf bad = mesh.good(ID);

  private static List<X509Certificate> certificates(String pem) throws CertificateException {
    return WorkloadIdentity.certificates(pem, "tls.crt");
  }

  private Revocations read(String pem) throws CertificateException {
    return Revocations.of(pem, "ca.crl", certificates(mesh.rootPem()), now.toEpochMilli());
  }

  private void refused(String pem, String why) {
    assertThatThrownBy(() -> read(pem))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining(why);
  }

  @Test
  void whatAListNamesIsRevokedAndNothingElse() throws Exception {
    Revocations revoked = read(mesh.list(bad.certificate()));

    assertThat(revoked.isEmpty()).isFalse();
    revoked.check(certificates(good.certificate()));
    assertThatThrownBy(() -> revoked.check(certificates(bad.certificate())))
        .isInstanceOf(Revocations.Revoked.class)
        .hasMessage(
            "the certificate %s of 'CN=Weft mesh root,O=Weft' is revoked",
            certificates(bad.certificate()).get(0).getSerialNumber().toString(16));
  }

  @Test
  void whatStandsBetweenListsIsNotToldAndTheSameListsAreEqual() throws Exception {
    String list = mesh.list(bad.certificate());

    Revocations revoked = read("# key\n" + list + "\n# and\n");

    assertThat(revoked.pem()).doesNotContain("#");
    assertThat(revoked).isEqualTo(read(list));
    assertThat(read(revoked.pem())).isEqualTo(revoked);
  }

  @Test
  void whatWasKeptCountsWhoeverIsTrustedNow() throws Exception {
    Revocations kept = Revocations.kept(read(mesh.list(bad.certificate())).pem());

    assertThatThrownBy(() -> kept.check(certificates(bad.certificate())))
        .isInstanceOf(Revocations.Revoked.class);
    kept.check(certificates(good.certificate()));
    assertThat(Revocations.kept("").isEmpty()).isTrue();
    assertThatThrownBy(() -> Revocations.kept("-----BEGIN X509 CRL-----\n"))
        .hasMessageContaining("what was kept");
  }

  @Test
  void aListOfNothingRevokesNothing() throws Exception {
    read(mesh.list()).check(certificates(bad.certificate()));
    Revocations.NONE.check(certificates(bad.certificate()));
  }

  @Test
  void aSerialCountsForItsOwnAuthorityAlone() throws Exception {
    Issuer between =
        TestCertificates.below(mesh.root(), mesh.form().subject("CN=between").authority());
    Leaf below = mesh.leaf(mesh.form(ID), between);
    List<X509Certificate> path = certificates(below.certificate());
    Instant end = now.plus(HOUR);
    String lists = mesh.list(below.certificate()); // the same serial, of the root
    String own = TestCertificates.list(between, now, end, below.certificate());
    String root = mesh.list(path(path.get(1)));

    read(lists).check(path);
    List<X509Certificate> both = certificates(mesh.rootPem() + between.chain());
    Revocations revoked = Revocations.of(lists + own, "ca.crl", both, now.toEpochMilli());
    assertThat(revoked.revoked(path.get(0))).isTrue();
    assertThat(revoked.revoked(path.get(1))).isFalse();
    assertThatThrownBy(() -> read(root).check(path)).isInstanceOf(Revocations.Revoked.class);
  }

  private static String path(X509Certificate one) {
    return dev.weft.routing.identity.Pem.certificates(List.of(one));
  }

  @Test
  void aListOfSomebodyElseDoesNotCount() {
    Issuer other = new Issuer(foreign.root().keys(), foreign.root().name(), "");
    Issuer stranger =
        TestCertificates.below(mesh.root(), mesh.form().subject("CN=stranger").authority());

    refused(
        TestCertificates.list(other, now, now.plus(HOUR), good.certificate()),
        "ca.crl: the list of 'CN=Weft mesh root,O=Weft' is not signed by the authority of that name");
    refused(
        TestCertificates.list(stranger, now, now.plus(HOUR)),
        "ca.crl: the list of 'CN=stranger' is of no authority that is trusted");
    refused(mesh.list() + foreign.list(), "is not signed by the authority of that name");
  }

  @Test
  void whatIsNoWholeListDoesNotCount() {
    String list = mesh.list(bad.certificate());

    refused("", "ca.crl holds 0 revocation lists");
    refused("-----BEGIN X509 CRL-----\n", "ca.crl");
    refused(list.substring(0, list.length() / 2), "ca.crl");
    refused(list + list.substring(0, list.length() / 2), "ca.crl");
    refused(mesh.rootPem(), "ca.crl");
    refused("x".repeat(Revocations.LARGEST + 1), "ca.crl is larger than " + Revocations.LARGEST);
    refused(TestCertificates.delta(mesh.root(), now, now.plus(HOUR)), "is a delta");
    refused(
        TestCertificates.list(mesh.root(), now.plus(HOUR), now.plus(HOUR).plus(HOUR)),
        "begins at ");
  }

  @Test
  void aListThatHasEndedStillRevokesAndSaysSo() throws Exception {
    Instant end = now.minus(HOUR);
    Revocations revoked =
        read(
            TestCertificates.list(mesh.root(), end.minus(HOUR), end, bad.certificate())
                + mesh.list());

    assertThat(revoked.revoked(certificates(bad.certificate()).get(0))).isTrue();
    assertThat(revoked.ended(now.toEpochMilli()))
        .hasValueSatisfying(told -> assertThat(told).startsWith("a revocation list ended at "));
    assertThat(revoked.ended(end.minusSeconds(60).toEpochMilli())).isEmpty();
  }
}
