package dev.weft.control.ca;

import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * Reads what a workload sends to have its key certified. Of all that it says only the key counts,
 * and that only when the request proves the private half and the key is strong enough.
 *
 * <p>Source: PKCS#10 (RFC 2986); the strengths are those of the CA/Browser Forum's baseline
 * requirements, section 6.1.5, without P-521.
 */
public final class CertificateRequest {

  private static final int RSA_LEAST_BITS = 2048;
  private static final int RSA_MOST_BITS = 8192;
  private static final Set<ASN1ObjectIdentifier> CURVES =
      Set.of(SECObjectIdentifiers.secp256r1, SECObjectIdentifiers.secp384r1);
  private static final String EXPECTED =
      " (expected: EC P-256 or P-384, or RSA of 2048 to 8192 bits)";

  private CertificateRequest() {}

  /**
   * The key of a request.
   *
   * @param pem PKCS#10
   * @throws InvalidKeyException with a sentence, where it is no request, does not prove its key, or
   *     the key is weak
   */
  public static PublicKey provenKey(String pem) throws InvalidKeyException {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      if (!(parser.readObject() instanceof PKCS10CertificationRequest read)) {
        throw new InvalidKeyException("no certificate request (expected: PKCS#10 in PEM)");
      }
      requireKnown(read.getSubjectPublicKeyInfo().getAlgorithm());
      JcaPKCS10CertificationRequest wanted = new JcaPKCS10CertificationRequest(read);
      PublicKey key = wanted.getPublicKey();
      requireStrong(key);
      if (!wanted.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw new InvalidKeyException("the request does not prove its key");
      }
      return key;
    } catch (InvalidKeyException e) {
      throw e;
    } catch (IOException
        | OperatorCreationException
        | PKCSException
        | GeneralSecurityException
        | IllegalArgumentException e) {
      throw new InvalidKeyException("the certificate request cannot be read", e);
    }
  }

  /** Of the curve by its name: parameters that are spelled out may be anybody's. */
  private static void requireKnown(AlgorithmIdentifier key) throws InvalidKeyException {
    boolean rsa = key.getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption);
    boolean curve =
        key.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)
            && key.getParameters() instanceof ASN1ObjectIdentifier named
            && CURVES.contains(named);
    if (!rsa && !curve) {
      throw new InvalidKeyException("the request's key is of another kind" + EXPECTED);
    }
  }

  private static void requireStrong(PublicKey key) throws InvalidKeyException {
    if (key instanceof RSAPublicKey rsa) {
      int bits = rsa.getModulus().bitLength();
      if (bits < RSA_LEAST_BITS || bits > RSA_MOST_BITS) {
        throw new InvalidKeyException("the request's key is RSA of " + bits + " bits" + EXPECTED);
      }
    }
  }
}
