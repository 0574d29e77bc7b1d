package dev.weft.control.ca;

import dev.weft.kubernetes.trust.AuthoritySecret.Parts;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What an authority signs with, and whom its mesh trusts. Prints nothing of the key.
 *
 * @param chain the signer's certificate, then those above it, to below the root; the root alone
 *     where it signs itself
 * @param roots of the mesh, the signer's among them
 * @param revoked what they took back
 */
public record Signing(
    PrivateKey key, List<X509Certificate> chain, List<X509Certificate> roots, Revocations revoked) {

  private static final int KEY_CERT_SIGN = 5; // RFC 5280 section 4.2.1.3

  public Signing {
    chain = List.copyOf(chain);
    roots = List.copyOf(roots);
  }

  /** Where nothing is revoked. */
  public Signing(PrivateKey key, List<X509Certificate> chain, List<X509Certificate> roots) {
    this(key, chain, roots, Revocations.NONE);
  }

  /** The same, where that is revoked. */
  Signing revoking(Revocations lists) {
    return new Signing(key, chain, roots, lists);
  }

  /**
   * Signs on until another may, with the roots of then and what is revoked then. Lists of a signer
   * that workloads do not know yet would have them refuse all: until they do, those of now stay.
   */
  Signing until(Signing next, List<X509Certificate> trusted) {
    Signing waits = new Signing(key, chain, trusted);
    try {
      return waits.revoking(Revocations.told(next.revoked.pem(), waits.authorities()));
    } catch (CertificateException e) {
      return waits.revoking(revoked);
    }
  }

  /**
   * The lists of those in a chain, and of the roots.
   *
   * @param name of the file or key
   * @throws CertificateException in words that a user reads, where one of them does not count
   */
  Revocations lists(String pem, String name, Instant now) throws CertificateException {
    return Revocations.of(pem, name, authorities(), now.toEpochMilli());
  }

  /** Who may say that a certificate is revoked. */
  private List<X509Certificate> authorities() {
    List<X509Certificate> all = new ArrayList<>(roots);
    all.addAll(chain);
    return all;
  }

  /**
   * Reads and checks what somebody gave.
   *
   * @throws GeneralSecurityException in words that a user reads, naming the key of the Secret
   */
  public static Signing of(Parts parts, Instant now) throws GeneralSecurityException {
    List<X509Certificate> roots =
        WorkloadIdentity.certificates(parts.roots().text(), parts.roots().key());
    List<X509Certificate> given =
        new ArrayList<>(
            WorkloadIdentity.certificates(parts.certificate().text(), parts.certificate().key()));
    if (!parts.chain().text().isBlank()) {
      given.addAll(WorkloadIdentity.certificates(parts.chain().text(), parts.chain().key()));
    }
    X509Certificate signer = given.get(0);
    PrivateKey key =
        Pem.privateKey(parts.key().text(), signer.getPublicKey().getAlgorithm(), parts.key().key());
    requireAuthority(signer, parts.certificate().key(), now);
    for (X509Certificate root : roots) {
      requireAuthority(root, parts.roots().key(), now);
    }
    if (!WorkloadIdentity.signs(key, signer.getPublicKey())) {
      throw new GeneralSecurityException(
          parts.key().key() + " is not the key of " + parts.certificate().key());
    }
    List<X509Certificate> chain = below(given, roots);
    requirePath(chain, roots, parts, now);
    Signing all = new Signing(key, chain.isEmpty() ? List.of(signer) : chain, roots);
    String lists = parts.lists().text();
    return lists.isEmpty() ? all : all.revoking(all.lists(lists, parts.lists().key(), now));
  }

  private static void requireAuthority(X509Certificate one, String name, Instant now)
      throws GeneralSecurityException {
    boolean[] usage = one.getKeyUsage();
    if (one.getBasicConstraints() < 0 || (usage != null && !usage[KEY_CERT_SIGN])) {
      throw new CertificateException(name + " is no authority's certificate");
    }
    if (now.isAfter(one.getNotAfter().toInstant())) {
      throw new CertificateException(name + " ended at " + one.getNotAfter().toInstant());
    }
    if (now.isBefore(one.getNotBefore().toInstant())) {
      throw new CertificateException(name + " begins at " + one.getNotBefore().toInstant());
    }
  }

  /** Without the roots, which everybody has, and without what is given twice. */
  private static List<X509Certificate> below(
      List<X509Certificate> given, List<X509Certificate> roots) {
    return given.stream().distinct().filter(one -> !roots.contains(one)).toList();
  }

  private static void requirePath(
      List<X509Certificate> chain, List<X509Certificate> roots, Parts parts, Instant now)
      throws GeneralSecurityException {
    if (chain.isEmpty()) {
      return; // the signer is a root
    }
    PKIXParameters parameters =
        new PKIXParameters(
            roots.stream().map(root -> new TrustAnchor(root, null)).collect(Collectors.toSet()));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(now));
    try {
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
    } catch (CertPathValidatorException e) {
      throw new CertificateException(
          parts.certificate().key()
              + " does not lead to a root in "
              + parts.roots().key()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** The certificate that signs. */
  public X509Certificate signer() {
    return chain.get(0);
  }

  /** The root that the signer is under. */
  public X509Certificate root() {
    X509Certificate top = chain.get(chain.size() - 1);
    for (X509Certificate root : roots) {
      if (root.equals(top) || signed(top, root)) {
        return root;
      }
    }
    throw new IllegalStateException("a chain that leads to none of its roots");
  }

  private static boolean signed(X509Certificate one, X509Certificate root) {
    try {
      one.verify(root.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false; // by another one
    }
  }

  @Override
  public String toString() {
    return "Signing as " + signer().getSubjectX500Principal();
  }
}
