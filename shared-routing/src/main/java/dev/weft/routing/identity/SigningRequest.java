package dev.weft.routing.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A new key and the request to have it certified. The request names nobody: whose certificate it
 * becomes is the authority's to say.
 *
 * @param pem PKCS#10 (RFC 2986)
 */
public record SigningRequest(KeyPair keys, String pem) {

  /** ECDSA P-256. */
  public static SigningRequest create() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    try {
      byte[] der =
          new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), keys.getPublic())
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
              .getEncoded();
      return new SigningRequest(keys, Pem.of("CERTIFICATE REQUEST", der));
    } catch (OperatorCreationException | IOException e) {
      throw new GeneralSecurityException("no request could be made", e);
    }
  }

  @Override
  public String toString() {
    return "SigningRequest [redacted]";
  }
}
