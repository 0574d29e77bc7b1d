package dev.weft.routing.authentication.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPublicKey;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A public key and the algorithms that it may sign by: those of its kind and curve, or the one that
 * it names. So no key of RSA or of a curve is ever taken for a secret, and no token chooses.
 *
 * <p>Source: RFC 7518 section 3.1, RFC 8037, RFC 9864, RFC 8725 sections 3.1 and 3.2.
 */
final class JoseKey {

  private static final Set<JWSAlgorithm> RSA =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512);
  private static final Map<Curve, JWSAlgorithm> CURVES =
      Map.of(
          Curve.P_256, JWSAlgorithm.ES256,
          Curve.P_384, JWSAlgorithm.ES384,
          Curve.P_521, JWSAlgorithm.ES512);
  private static final Set<JWSAlgorithm> EDWARDS = Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);

  /** All algorithms that any key may sign by. */
  static final Set<JWSAlgorithm> TAKEN =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512,
          JWSAlgorithm.EdDSA,
          JWSAlgorithm.Ed25519);

  private static final int LEAST_BITS = 2048;
  private static final int MOST_BITS = 8192;
  private static final int MOST_EXPONENT_BITS = 33; // a longer one only costs time

  private final Optional<String> id;
  private final Set<JWSAlgorithm> algorithms;
  private final Check check;

  private interface Check {
    boolean signed(SignedToken token) throws JOSEException, GeneralSecurityException;
  }

  private JoseKey(JWK key, Set<JWSAlgorithm> possible, Check check) {
    this.id = Optional.ofNullable(key.getKeyID());
    this.algorithms =
        key.getAlgorithm() == null
            ? possible
            : Set.copyOf(possible.stream().filter(key.getAlgorithm()::equals).toList());
    this.check = check;
  }

  /** Empty where it signs nothing that is taken. */
  static Optional<JoseKey> of(JWK key) throws JOSEException {
    boolean signs =
        (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
            && (key.getKeyOperations() == null
                || key.getKeyOperations().contains(KeyOperation.VERIFY));
    if (!signs) {
      return Optional.empty();
    }
    if (key instanceof RSAKey rsa) {
      return rsa(rsa);
    }
    if (key instanceof ECKey ec && CURVES.containsKey(ec.getCurve())) {
      JWSVerifier verifier = new ECDSAVerifier(ec.toECPublicKey());
      return Optional.of(new JoseKey(key, Set.of(CURVES.get(ec.getCurve())), by(verifier)));
    }
    if (key instanceof OctetKeyPair pair && pair.getCurve().equals(Curve.Ed25519)) {
      Edwards edwards = Edwards.of(pair.getDecodedX());
      return Optional.of(
          new JoseKey(
              key,
              EDWARDS,
              token -> edwards.signed(token.signedBytes(), token.signature().decode())));
    }
    return Optional.empty();
  }

  private static Optional<JoseKey> rsa(RSAKey key) throws JOSEException {
    RSAPublicKey known = key.toRSAPublicKey();
    int bits = known.getModulus().bitLength();
    boolean strong =
        bits >= LEAST_BITS
            && bits <= MOST_BITS
            && known.getPublicExponent().bitLength() <= MOST_EXPONENT_BITS;
    return strong
        ? Optional.of(new JoseKey(key, RSA, by(new RSASSAVerifier(known))))
        : Optional.empty();
  }

  private static Check by(JWSVerifier verifier) {
    return token -> verifier.verify(token.header(), token.signedBytes(), token.signature());
  }

  /** Whether it may have signed the token. A key without a name may have signed any. */
  boolean fits(SignedToken token) {
    boolean named = id.isEmpty() || token.keyId().isEmpty() || id.equals(token.keyId());
    return named && algorithms.contains(token.header().getAlgorithm());
  }

  boolean signed(SignedToken token) {
    try {
      return check.signed(token);
    } catch (JOSEException | GeneralSecurityException | RuntimeException e) {
      return false; // e.g. of a wrong length
    }
  }
}
