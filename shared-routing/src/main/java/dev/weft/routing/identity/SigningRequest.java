package dev.weft.routing.identity;

import dev.weft.routing.identity.der.Pkcs10;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

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
    return new SigningRequest(keys, Pem.of("CERTIFICATE REQUEST", Pkcs10.request(keys)));
  }

  @Override
  public String toString() {
    return "SigningRequest [redacted]";
  }
}
