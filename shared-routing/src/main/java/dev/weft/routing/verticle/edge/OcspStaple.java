package dev.weft.routing.verticle.edge;

import dev.weft.config.model.core.Secret;
import dev.weft.routing.identity.der.OcspAnswer;
import dev.weft.routing.identity.der.OcspAnswer.About;
import dev.weft.routing.identity.der.OcspAnswer.State;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the authority of a certificate says of it, to be shown with it (RFC 6066 section 8). */
final class OcspStaple {

  private static final int LARGEST = 1 << 16;
  private static final int SEQUENCE = 0x30; // how DER begins, and no text does
  private static final long SKEW_SECONDS = 300;

  private final byte[] der;
  private final Instant end;

  private OcspStaple(byte[] der, Instant end) {
    this.der = der;
    this.end = end;
  }

  /** Where the staple of a certificate's file is: beside it, as in a Secret that is mounted. */
  static Path beside(Path certificate) {
    String name = String.valueOf(certificate.getFileName());
    int dot = name.lastIndexOf('.');
    String stem = dot <= 0 ? name : name.substring(0, dot);
    return certificate.resolveSibling(
        stem + Secret.OCSP_STAPLE.substring(Secret.OCSP_STAPLE.indexOf('.')));
  }

  /**
   * Reads the file of a staple; blocks.
   *
   * @return empty where there is none
   */
  static Optional<byte[]> file(Path certificate) throws IOException {
    Path file = beside(certificate);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    if (Files.size(file) > LARGEST) {
      throw new IOException(file + " is larger than 64 KiB");
    }
    return Optional.of(Files.readAllBytes(file));
  }

  /**
   * One that may be shown now.
   *
   * @param told DER, or its base64 with or without lines around it
   * @param chain the certificate first; whose signature the staple bears is verified where its
   *     issuer is in it
   * @throws GeneralSecurityException in words that a user reads, where it may not
   */
  static OcspStaple checked(byte[] told, List<X509Certificate> chain, Instant now)
      throws GeneralSecurityException {
    byte[] der = der(der(told)); // a Secret's may be base64 of a file that is base64
    BigInteger serial = chain.get(0).getSerialNumber();
    About about =
        answer(der).about().stream()
            .filter(one -> one.serial().equals(serial))
            .findFirst()
            .orElseThrow(() -> new CertificateException("it is about another certificate"));
    if (about.state() != State.GOOD) {
      boolean revoked = about.state() == State.REVOKED;
      throw new CertificateException(
          revoked
              ? "it says that the certificate is revoked"
              : "its authority knows nothing of the certificate");
    }
    Instant end =
        about.end().orElseThrow(() -> new CertificateException("it does not say when it ends"));
    if (!end.isAfter(now)) {
      throw new CertificateException("it ended at " + end);
    }
    if (about.begin().isAfter(now.plusSeconds(SKEW_SECONDS))) {
      throw new CertificateException("it begins at " + about.begin());
    }
    if (chain.size() > 1) {
      verify(der, chain.get(0), chain.get(1), now);
    }
    return new OcspStaple(der, end);
  }

  private static byte[] der(byte[] told) throws CertificateException {
    if (told.length > 0 && told[0] == SEQUENCE) {
      return told;
    }
    String text =
        new String(told, StandardCharsets.US_ASCII)
            .lines()
            .filter(line -> !line.startsWith("-----"))
            .collect(Collectors.joining());
    try {
      return Base64.getMimeDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw none(e);
    }
  }

  private static OcspAnswer answer(byte[] der) throws CertificateException {
    try {
      return OcspAnswer.parse(der);
    } catch (IOException e) {
      throw none(e);
    }
  }

  private static CertificateException none(Exception cause) {
    return new CertificateException(
        "it is no OCSP response of an authority (expected: DER, or base64 of it)", cause);
  }

  private static void verify(byte[] der, X509Certificate leaf, X509Certificate issuer, Instant now)
      throws GeneralSecurityException {
    CertPathValidator validator = CertPathValidator.getInstance("PKIX");
    PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
    checker.setOptions(EnumSet.of(Option.NO_FALLBACK, Option.ONLY_END_ENTITY));
    checker.setOcspResponses(Map.of(leaf, der)); // so that nobody is asked
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(issuer, null)));
    parameters.addCertPathChecker(checker);
    parameters.setDate(Date.from(now));
    try {
      validator.validate(
          CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf)), parameters);
    } catch (CertPathValidatorException e) {
      throw new CertificateException(
          "the issuer of the certificate does not vouch for it: " + e.getMessage(), e);
    }
  }

  /** OCSP response, RFC 6960. */
  byte[] der() {
    return der.clone();
  }

  /** Whether it may still be shown. */
  boolean holds(Instant now) {
    return end.isAfter(now);
  }

  @Override
  public String toString() {
    return "OCSP staple until " + end;
  }
}
