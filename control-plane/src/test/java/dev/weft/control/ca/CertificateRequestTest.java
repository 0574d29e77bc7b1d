package dev.weft.control.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;

final class CertificateRequestTest {

  private static final String EXPECTED =
      " (expected: EC P-256 or P-384, or RSA of 2048 to 8192 bits)";

  @Test
  void theKeyOfAGoodRequestIsFound() throws Exception {
    SigningRequest usual = SigningRequest.create();
    KeyPair p384 = curve("secp384r1");
    KeyPair rsa = rsa(2048);

    assertThat(CertificateRequest.provenKey(usual.pem())).isEqualTo(usual.keys().getPublic());
    assertThat(CertificateRequest.provenKey(request(p384, "SHA384withECDSA")))
        .isEqualTo(p384.getPublic());
    assertThat(CertificateRequest.provenKey(request(rsa, "SHA256withRSA")))
        .isEqualTo(rsa.getPublic());
  }

  @Test
  void aWeakKeyIsRefused() throws Exception {
    String rsa = request(rsa(1024), "SHA256withRSA");
    String p521 = request(curve("secp521r1"), "SHA512withECDSA");
    String edwards = request(KeyPairGenerator.getInstance("Ed25519").generateKeyPair(), "Ed25519");

    assertThatThrownBy(() -> CertificateRequest.provenKey(rsa))
        .isInstanceOf(InvalidKeyException.class)
        .hasMessage("the request's key is RSA of 1024 bits" + EXPECTED);
    for (String other : List.of(p521, edwards)) {
      assertThatThrownBy(() -> CertificateRequest.provenKey(other))
          .isInstanceOf(InvalidKeyException.class)
          .hasMessage("the request's key is of another kind" + EXPECTED);
    }
  }

  @Test
  void aRequestThatDoesNotProveItsKeyIsRefused() throws Exception {
    KeyPair shown = curve("secp256r1");
    KeyPair another = curve("secp256r1");
    String forged =
        request(new KeyPair(shown.getPublic(), another.getPrivate()), "SHA256withECDSA");

    assertThatThrownBy(() -> CertificateRequest.provenKey(forged))
        .isInstanceOf(InvalidKeyException.class)
        .hasMessage("the request does not prove its key");
  }

  @Test
  void rubbishIsNoRequest() throws Exception {
    String torn = Pem.of("CERTIFICATE REQUEST", new byte[] {0x30, 0x03, 0x02, 0x01});
    String key = Pem.of("PUBLIC KEY", curve("secp256r1").getPublic().getEncoded());

    for (String text : List.of("", "x", torn, key)) {
      assertThatThrownBy(() -> CertificateRequest.provenKey(text))
          .isInstanceOf(InvalidKeyException.class);
    }
  }

  private static KeyPair curve(String name) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(name));
    return generator.generateKeyPair();
  }

  private static KeyPair rsa(int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static String request(KeyPair keys, String signature) throws Exception {
    return Pem.of(
        "CERTIFICATE REQUEST",
        new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), keys.getPublic())
            .build(new JcaContentSignerBuilder(signature).build(keys.getPrivate()))
            .getEncoded());
  }
}
