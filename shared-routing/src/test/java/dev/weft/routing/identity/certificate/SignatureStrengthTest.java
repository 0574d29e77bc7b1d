package dev.weft.routing.identity.certificate;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.CertificateForm;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Issuer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.bouncycastle.asn1.x500.X500Name;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SignatureStrengthTest {

  private static final String ID = "spiffe://cluster.local/ns/prod/sa/search";

  private final TestCertificates mesh = new TestCertificates(Instant.EPOCH);

  @ParameterizedTest
  @ValueSource(strings = {"SHA256withRSA", "SHA512withRSA", "SHA256withRSAandMGF1"})
  void whatHoldsIsTaken(String algorithm) throws Exception {
    X509Certificate one = signed(algorithm);

    assertThatNoException().isThrownBy(() -> SignatureStrength.check(one));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA1withRSA", "SHA1withRSAandMGF1", "MD5withRSA"})
  void whatCanBeForgedIsNot(String algorithm) throws Exception {
    X509Certificate one = signed(algorithm);

    assertThatThrownBy(() -> SignatureStrength.check(one))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("expected: SHA-256");
  }

  @Test
  void keysOfDsaAreNot() throws Exception {
    CertificateForm form = mesh.form(ID).keys(keys("DSA", 2048));
    X509Certificate one = read(mesh.leaf(form, mesh.root()).certificate());

    assertThatThrownBy(() -> SignatureStrength.check(one)).hasMessageContaining("DSA");
  }

  private X509Certificate signed(String algorithm) throws GeneralSecurityException {
    Issuer issuer = new Issuer(keys("RSA", 2048), new X500Name("CN=authority"), "");
    return read(mesh.leaf(mesh.form(ID).signedBy(algorithm), issuer).certificate());
  }

  private static KeyPair keys(String kind, int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static X509Certificate read(String pem) throws CertificateException {
    return WorkloadIdentity.certificates(pem, "tls.crt").get(0);
  }
}
