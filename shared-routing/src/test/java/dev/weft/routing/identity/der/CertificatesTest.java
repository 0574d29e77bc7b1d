package dev.weft.routing.identity.der;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;

/** As the JDK and Bouncy Castle read them. */
final class CertificatesTest {

  private static final String ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";
  private static final int DNS = 2;

  private static KeyPair keys() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  @Test
  void aProofNamesOneHostAndHoldsTheDigestThatWasAskedFor() throws Exception {
    KeyPair keys = keys();
    Instant now = Instant.parse("2026-11-24T12:00:00Z");
    byte[] digest = new byte[32];
    digest[0] = 7;

    X509Certificate proof =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(
                    new ByteArrayInputStream(Certificates.proof(keys, "shop.test", digest, now)));

    proof.verify(keys.getPublic());
    proof.checkValidity(Date.from(now));
    assertThat(proof.getVersion()).isEqualTo(3);
    assertThat(proof.getSubjectAlternativeNames()).containsExactly(List.of(DNS, "shop.test"));
    assertThat(proof.getCriticalExtensionOIDs()).containsExactly(ACME_IDENTIFIER);
    byte[] extension = proof.getExtensionValue(ACME_IDENTIFIER);
    assertThat(extension).startsWith(4, 34, 4, 32, 7).hasSize(36);
  }

  @Test
  void aRequestAsksForItsNames() throws Exception {
    KeyPair keys = keys();

    PKCS10CertificationRequest request =
        new PKCS10CertificationRequest(Pkcs10.request(keys, List.of("shop.test", "www.shop.test")));

    assertThat(request.getAttributes()).hasSize(1);
    assertThat(request.getAttributes()[0].getAttrType())
        .isEqualTo(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest);
    Extensions asked =
        Extensions.getInstance(request.getAttributes()[0].getAttrValues().getObjectAt(0));
    GeneralNames names = GeneralNames.fromExtensions(asked, Extension.subjectAlternativeName);
    assertThat(names.getNames())
        .extracting(name -> name.getName().toString())
        .containsExactly("shop.test", "www.shop.test");
  }
}
