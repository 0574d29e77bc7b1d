package dev.weft.routing.identity.der;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;

/** Beside Bouncy Castle, which reads it and writes the same. */
final class Pkcs10Test {

  @Test
  void aRequestIsWhatBouncyCastleWritesForTheSameKey() throws Exception {
    for (String curve : new String[] {"secp256r1", "secp384r1"}) {
      KeyPair keys = keys(curve);
      ContentSigner signer =
          new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
      PKCS10CertificationRequest expected =
          new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), keys.getPublic())
              .build(signer);

      PKCS10CertificationRequest request = new PKCS10CertificationRequest(Pkcs10.request(keys));

      assertThat(request.toASN1Structure().getCertificationRequestInfo().getEncoded("DER"))
          .isEqualTo(expected.toASN1Structure().getCertificationRequestInfo().getEncoded("DER"));
      assertThat(request.getSignatureAlgorithm()).isEqualTo(expected.getSignatureAlgorithm());
    }
  }

  @Test
  void aRequestProvesItsKeyAndNoOther() throws Exception {
    KeyPair keys = keys("secp256r1");

    PKCS10CertificationRequest request = new PKCS10CertificationRequest(Pkcs10.request(keys));

    assertThat(proves(request, keys)).isTrue();
    assertThat(proves(request, keys("secp256r1"))).isFalse();
  }

  @Test
  void aKeyOfAnotherKindIsRefused() throws Exception {
    KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();

    assertThatThrownBy(() -> Pkcs10.request(rsa)).isInstanceOf(GeneralSecurityException.class);
  }

  private static boolean proves(PKCS10CertificationRequest request, KeyPair keys) throws Exception {
    return request.isSignatureValid(
        new JcaContentVerifierProviderBuilder().build(keys.getPublic()));
  }

  private static KeyPair keys(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }
}
