package dev.weft.routing.identity.certificate;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.DSAPublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what can be forged today: signatures over MD5 and SHA-1, RSA below 2,048 bits, curves
 * below 256. The JDK looks so only at authorities that came with it.
 *
 * <p>Source: NIST SP 800-131A; CA/Browser Forum baseline requirements, 6.1.5 and 7.1.3.2.
 */
public final class SignatureStrength {

  private static final String PSS = "RSASSA-PSS";
  private static final int RSA_BITS = 2048;
  private static final int CURVE_BITS = 256;

  private SignatureStrength() {}

  /**
   * @throws CertificateException with what is too weak of a certificate
   */
  public static void check(X509Certificate one) throws CertificateException {
    if (isWeak(one.getSigAlgName(), one.getSigAlgParams())) {
      throw new CertificateException(
          "it is signed with " + one.getSigAlgName() + " over SHA-1 or MD5 (expected: SHA-256)");
    }
    if (one.getPublicKey() instanceof DSAPublicKey) {
      throw new CertificateException("a key of DSA (expected: EC or RSA)");
    }
    if (one.getPublicKey() instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < RSA_BITS) {
      throw new CertificateException(
          "a key of RSA with " + rsa.getModulus().bitLength() + " bits (expected: 2048 or more)");
    }
    if (one.getPublicKey() instanceof ECPublicKey curve
        && curve.getParams().getOrder().bitLength() < CURVE_BITS) {
      throw new CertificateException("a key of a curve below 256 bits (expected: P-256 or more)");
    }
  }

  /**
   * Whether a signature is over MD5 or SHA-1.
   *
   * @param name of its algorithm, as certificates and their lists tell it
   * @param given its parameters, DER
   * @throws CertificateException where they cannot be read
   */
  static boolean isWeak(String name, byte @Nullable [] given) throws CertificateException {
    String digest = digest(name, given).toUpperCase(Locale.ROOT).replace("-", "");
    return digest.startsWith("SHA1") || digest.startsWith("MD");
  }

  /** What it begins with, or of RSASSA-PSS what its parameters say. */
  private static String digest(String name, byte @Nullable [] given) throws CertificateException {
    if (!name.equals(PSS)) {
      return name;
    }
    if (given == null) {
      return "SHA-1"; // which it stands for
    }
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance(PSS);
      parameters.init(given);
      return parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
    } catch (GeneralSecurityException | IOException e) {
      throw new CertificateException("the parameters of its signature cannot be read", e);
    }
  }
}
