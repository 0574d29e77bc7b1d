package dev.weft.control.ca;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Certifies workloads of one trust domain, with what it is told to sign with: a root of its own, or
 * an intermediate authority that somebody gave. Workload certificates are X509-SVIDs of a day,
 * dated back by five minutes for clocks that are behind, and end with their signer's at the latest.
 *
 * <p>What a request says of its own names is ignored; only its key counts, after {@link
 * CertificateRequest} found it proven and strong. Any thread may enter.
 *
 * <p>Source: the X509-SVID specification, sections 2 to 4; RFC 5280.
 */
public final class CertificateAuthority {

  private static final Duration ROOT_LIFE = Duration.ofDays(3650);
  private static final Duration BACKDATED = Duration.ofMinutes(5);
  private static final X500Name ROOT_NAME = new X500Name("O=Weft,CN=Weft mesh root");
  private static final X500Name NOBODY = new X500Name("");
  private static final int SERIAL_BITS = 128;

  private final String trustDomain;
  private final Duration life;
  private final Ticker ticker;
  private final SecureRandom random = new SecureRandom();
  private volatile Signing signing;

  /**
   * @param life of workload certificates, usually a day
   */
  public CertificateAuthority(Signing signing, String trustDomain, Duration life, Ticker ticker) {
    this.signing = signing;
    this.trustDomain = trustDomain;
    this.life = life;
    this.ticker = ticker;
  }

  /**
   * Opens the authority in {@code folder}, or founds it there if there never was one. Founding
   * leaves {@code root.crt}, {@code root.key}, and {@code root.sha256}, which tells that it was.
   *
   * @param life of workload certificates, usually a day
   * @throws IOException where the folder cannot be read or written
   * @throws GeneralSecurityException in words that a user reads, where a part of it is missing or
   *     broken
   */
  public static CertificateAuthority open(
      Path folder, String trustDomain, Duration life, Ticker ticker)
      throws IOException, GeneralSecurityException {
    PrivateFiles.folder(folder);
    return FolderLock.holding(
        folder,
        () -> {
          Path certificate = folder.resolve("root.crt");
          Path secret = folder.resolve("root.key");
          Path founded = folder.resolve("root.sha256");
          if (isNew(folder, List.of(certificate, secret, founded))) {
            Signing fresh = found(ticker);
            PrivateFiles.write(secret, Pem.of("PRIVATE KEY", fresh.key().getEncoded()));
            PrivateFiles.write(certificate, Pem.certificates(fresh.roots()));
          }
          X509Certificate root =
              WorkloadIdentity.certificates(Files.readString(certificate), "root.crt").get(0);
          PrivateKey key = Pem.privateKey(Files.readString(secret), "EC", "root.key");
          requirePair(root, key);
          if (!Files.exists(founded)) {
            PrivateFiles.write(founded, Pem.fingerprint(root) + "\n");
          }
          return new CertificateAuthority(
              new Signing(key, List.of(root), List.of(root)), trustDomain, life, ticker);
        });
  }

  /**
   * Whether there never was a root. A second one would part the mesh in two that do not trust each
   * other, so what is missing is told instead.
   *
   * @param files certificate and key, then what only founding leaves
   */
  private static boolean isNew(Path folder, List<Path> files)
      throws IOException, GeneralSecurityException {
    List<Path> missing = files.subList(0, 2).stream().filter(Files::notExists).toList();
    if (missing.isEmpty()) {
      return false;
    }
    List<Path> traces = new ArrayList<>(files.stream().filter(Files::exists).toList());
    Path tokens = folder.resolve("tokens");
    if (Files.isDirectory(tokens)) {
      try (Stream<Path> any = Files.list(tokens)) {
        any.findFirst().ifPresent(traces::add);
      }
    }
    if (!traces.isEmpty()) {
      throw new GeneralSecurityException(
          missing.get(0).getFileName()
              + " is missing, but "
              + folder.relativize(traces.get(0))
              + " shows that there was a root; put "
              + missing.get(0).getFileName()
              + " back, or take an empty folder for a new mesh");
    }
    return true;
  }

  private static void requirePair(X509Certificate root, PrivateKey key)
      throws GeneralSecurityException {
    if (root.getBasicConstraints() < 0) {
      throw new GeneralSecurityException("root.crt is no authority's certificate");
    }
    if (!WorkloadIdentity.signs(key, root.getPublicKey())) {
      throw new GeneralSecurityException("root.key is not the key of root.crt");
    }
  }

  /** A root that never was before, kept nowhere yet. */
  public static Signing found(Ticker ticker) throws GeneralSecurityException {
    SigningRequest fresh = SigningRequest.create();
    Instant now = Instant.ofEpochMilli(ticker.epochMillis());
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            ROOT_NAME,
            new BigInteger(SERIAL_BITS, new SecureRandom()),
            Date.from(now.minus(BACKDATED)),
            Date.from(now.plus(ROOT_LIFE)),
            ROOT_NAME,
            fresh.keys().getPublic());
    JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          extensions.createSubjectKeyIdentifier(fresh.keys().getPublic()));
    } catch (CertIOException e) {
      throw new GeneralSecurityException("no root can be made", e);
    }
    PrivateKey key = fresh.keys().getPrivate();
    X509Certificate root = signed(builder, key);
    return new Signing(key, List.of(root), List.of(root));
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm(key)).build(key)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException("the authority's key cannot sign", e);
    }
  }

  private static String algorithm(PrivateKey key) {
    return switch (key.getAlgorithm()) {
      case "EC" -> "SHA256withECDSA";
      case "RSA" -> "SHA256withRSA";
      default -> key.getAlgorithm(); // Ed25519 is its own
    };
  }

  /** The root that what is signed now is under. */
  public X509Certificate root() {
    return signing.root();
  }

  /** The certificate of what signs now. */
  public X509Certificate signer() {
    return signing.signer();
  }

  /** All roots that are trusted in this mesh. */
  public List<X509Certificate> roots() {
    return signing.roots();
  }

  /** What these roots, and those who sign below them, took back. */
  public Revocations revoked() {
    return signing.revoked();
  }

  /** The certificate of what signs now, and those above it to below the root. */
  public List<X509Certificate> signers() {
    return signing.chain();
  }

  /** A certificate that was just issued, and those above it to below the root. */
  public List<X509Certificate> chain(X509Certificate leaf) {
    Signing now = signing;
    Stream<X509Certificate> above = now.chain().stream().filter(one -> !now.roots().contains(one));
    return Stream.concat(Stream.of(leaf), above).toList();
  }

  /** Signs with this from now on. */
  public void replace(Signing next) {
    signing = next;
  }

  /** What it signs with now. */
  Signing signing() {
    return signing;
  }

  public String trustDomain() {
    return trustDomain;
  }

  /**
   * A certificate for a workload.
   *
   * @param subject its key, as {@link CertificateRequest#provenKey} found it
   */
  public X509Certificate issue(PublicKey subject, SpiffeId id) throws GeneralSecurityException {
    return issue(subject, id, Optional.empty());
  }

  /**
   * As the other.
   *
   * @param account what is told of the account whose token was shown; empty for a join token
   */
  public X509Certificate issue(PublicKey subject, SpiffeId id, Optional<AccountSubject> account)
      throws GeneralSecurityException {
    GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, id.toString());
    X500Name named = account.map(AccountSubject::name).orElse(NOBODY);
    return issue(
        subject, named, name, KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
  }

  /**
   * A certificate for a server whose callers know names of DNS only, as the API server does. It is
   * nobody's identity in the mesh.
   */
  public X509Certificate server(PublicKey subject, String dnsName) throws GeneralSecurityException {
    GeneralName name = new GeneralName(GeneralName.dNSName, dnsName);
    return issue(subject, NOBODY, name, KeyPurposeId.id_kp_serverAuth);
  }

  private X509Certificate issue(
      PublicKey subject, X500Name named, GeneralName name, KeyPurposeId... purposes)
      throws GeneralSecurityException {
    Instant now = Instant.ofEpochMilli(ticker.epochMillis());
    Signing with = signing;
    X509Certificate signer = with.signer();
    Instant end = now.plus(life);
    Instant last = signer.getNotAfter().toInstant();
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            X500Name.getInstance(signer.getSubjectX500Principal().getEncoded()),
            new BigInteger(SERIAL_BITS, random),
            Date.from(now.minus(BACKDATED)),
            Date.from(end.isBefore(last) ? end : last),
            named,
            subject);
    try {
      builder.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(name));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
      builder.addExtension(Extension.authorityKeyIdentifier, false, keyIdentifier(signer));
    } catch (IOException e) {
      throw new GeneralSecurityException("no certificate can be made for " + name, e);
    }
    return signed(builder, with.key());
  }

  /** By which of several authorities of one name a leaf's is found. */
  private static AuthorityKeyIdentifier keyIdentifier(X509Certificate signer)
      throws IOException, GeneralSecurityException {
    byte[] own = signer.getExtensionValue(Extension.subjectKeyIdentifier.getId());
    if (own == null) {
      return new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(signer.getPublicKey());
    }
    return new AuthorityKeyIdentifier(
        SubjectKeyIdentifier.getInstance(JcaX509ExtensionUtils.parseExtensionValue(own))
            .getKeyIdentifier());
  }

  /** An identity for this process itself, with the root in its chain for those who pin it. */
  public WorkloadIdentity own(SpiffeId id) throws GeneralSecurityException {
    SigningRequest fresh = SigningRequest.create();
    List<X509Certificate> chain = new ArrayList<>(chain(issue(fresh.keys().getPublic(), id)));
    chain.add(root());
    return new WorkloadIdentity(id, fresh.keys().getPrivate(), chain, roots(), revoked());
  }
}
