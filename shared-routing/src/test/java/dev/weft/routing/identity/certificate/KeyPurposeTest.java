package dev.weft.routing.identity.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.CertificateForm;
import dev.weft.testkit.TestCertificates;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;

final class KeyPurposeTest {

  private static final String ID = "spiffe://cluster.local/ns/prod/sa/search";

  private final TestCertificates mesh = new TestCertificates(Instant.EPOCH);

  private X509Certificate with(KeyPurposeId... purposes) throws CertificateException {
    CertificateForm form = mesh.form(ID).purposes(purposes);
    String pem = mesh.leaf(form, mesh.root()).certificate();
    return WorkloadIdentity.certificates(pem, "tls.crt").get(0);
  }

  @Test
  void servesAsWhatItIsForAndAsNothingElse() throws Exception {
    X509Certificate client = with(KeyPurposeId.id_kp_clientAuth);
    X509Certificate server = with(KeyPurposeId.id_kp_serverAuth);

    KeyPurpose.CLIENT.check(client);
    KeyPurpose.SERVER.check(server);

    assertThat(refusal(KeyPurpose.SERVER, client)).hasMessageContaining("serverAuth");
    assertThat(refusal(KeyPurpose.CLIENT, server)).hasMessageContaining("clientAuth");
  }

  @Test
  void servesAsBothWhereItSaysNothingOrAnything() throws Exception {
    for (X509Certificate each :
        List.of(
            with(),
            with(KeyPurposeId.anyExtendedKeyUsage),
            with(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth))) {
      for (KeyPurpose purpose : KeyPurpose.values()) {
        assertThat(refusal(purpose, each)).isNull();
      }
    }
  }

  private static CertificateException refusal(KeyPurpose purpose, X509Certificate one) {
    return catchThrowableOfType(CertificateException.class, () -> purpose.check(one));
  }
}
