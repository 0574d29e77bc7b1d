package dev.weft.routing.identity;

import dev.weft.routing.identity.certificate.Revocations;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a workload proves itself with: its key, its certificate with the chain, and the roots that
 * it trusts, less what they revoked. Prints nothing of the key.
 *
 * @param chain the leaf first
 * @param roots of the mesh
 * @param revoked whom not to take all the same
 */
public record WorkloadIdentity(
    SpiffeId id,
    PrivateKey key,
    List<X509Certificate> chain,
    List<X509Certificate> roots,
    Revocations revoked) {

  public WorkloadIdentity {
    chain = List.copyOf(chain);
    roots = List.copyOf(roots);
  }

  /** Where nothing is known to be revoked. */
  public WorkloadIdentity(
      SpiffeId id, PrivateKey key, List<X509Certificate> chain, List<X509Certificate> roots) {
    this(id, key, chain, roots, Revocations.NONE);
  }

  /** The same, with other roots, and what they revoked. */
  public WorkloadIdentity trusting(List<X509Certificate> others, Revocations lists) {
    return new WorkloadIdentity(id, key, chain, others, lists);
  }

  /** Who may say that a certificate is revoked: the roots, and those between them and the leaf. */
  public List<X509Certificate> authorities() {
    List<X509Certificate> all = new ArrayList<>(roots);
    all.addAll(chain.subList(1, chain.size()));
    return all;
  }

  /**
   * @param certificates PEM, the leaf first
   * @param key PEM
   * @param authorities PEM
   * @throws GeneralSecurityException in words that a user reads, where they do not belong together
   */
  public static WorkloadIdentity parse(
      String certificates, String key, String authorities, String trustDomain)
      throws GeneralSecurityException {
    List<X509Certificate> chain = certificates(certificates, "tls.crt");
    List<X509Certificate> roots = certificates(authorities, "ca.crt");
    PrivateKey own = Pem.privateKey(key, chain.get(0).getPublicKey().getAlgorithm(), "tls.key");
    return checked(own, chain, roots, trustDomain);
  }

  /**
   * One whose parts belong together: half of a set that is being written is no identity, and a
   * certificate of a workload among the roots would let that workload certify others.
   *
   * @throws GeneralSecurityException in words that a user reads
   */
  public static WorkloadIdentity checked(
      PrivateKey key, List<X509Certificate> chain, List<X509Certificate> roots, String trustDomain)
      throws GeneralSecurityException {
    for (X509Certificate root : roots) {
      if (root.getBasicConstraints() < 0) {
        throw new CertificateException(
            "among the roots is '"
                + root.getSubjectX500Principal().getName()
                + "', which is no authority");
      }
    }
    X509Certificate leaf = chain.get(0);
    if (!signs(key, leaf.getPublicKey())) {
      throw new InvalidKeyException("the key is not that of the certificate");
    }
    return new WorkloadIdentity(PeerVerifier.id(leaf, trustDomain), key, chain, roots);
  }

  /** Whether the two are halves of one pair; tried, since no format tells it of every kind. */
  public static boolean signs(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
    String kind = certified.getAlgorithm();
    String algorithm =
        switch (kind) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> kind;
        };
    byte[] something = "whose key is it".getBytes(StandardCharsets.US_ASCII);
    Signature mine = Signature.getInstance(algorithm);
    mine.initSign(key);
    mine.update(something);
    Signature its = Signature.getInstance(algorithm);
    its.initVerify(certified);
    its.update(something);
    try {
      return its.verify(mine.sign());
    } catch (SignatureException e) {
      return false;
    }
  }

  /**
   * @param name of the file, for the message
   */
  public static List<X509Certificate> certificates(String pem, String name)
      throws CertificateException {
    List<X509Certificate> all = new ArrayList<>();
    byte[] bytes = pem.getBytes(StandardCharsets.US_ASCII);
    try {
      for (Certificate one :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes))) {
        all.add((X509Certificate) one);
      }
    } catch (CertificateException e) {
      throw new CertificateException(name + " is broken (expected: certificates in PEM)", e);
    }
    if (all.isEmpty()) {
      throw new CertificateException(name + " holds no certificate (expected: PEM)");
    }
    return all;
  }

  public X509Certificate leaf() {
    return chain.get(0);
  }

  public Instant notAfter() {
    return leaf().getNotAfter().toInstant();
  }

  @Override
  public String toString() {
    return id + " until " + FileTime.from(notAfter()); // Instant would load sixty classes for it
  }
}
