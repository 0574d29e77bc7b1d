package dev.weft.testkit;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * A root of its own and the leaves that tests want of it, good and bad, all ECDSA P-256. Every
 * instance is foreign to every other, yet bears the same name, so that only the signature tells
 * them apart.
 */
public final class TestCertificates {

  private static final X500Name ROOT_NAME = new X500Name("O=Weft,CN=Weft mesh root");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration BACKDATED = Duration.ofMinutes(5);
  private static final int SERIAL_BITS = 128;
  private static final int LINE = 64;

  private final Instant now;
  private final KeyPair keys;
  private final String root;

  /**
   * @param now what good certificates are valid around
   */
  public TestCertificates(Instant now) {
    this.now = now;
    this.keys = freshKeys();
    CertificateForm form =
        new CertificateForm(now.minus(DAY.multipliedBy(30)), now.plus(DAY.multipliedBy(3650)), keys)
            .subject(ROOT_NAME.toString())
            .authority();
    this.root = pem("CERTIFICATE", form.signed(ROOT_NAME, keys.getPrivate(), serial()));
  }

  /** The root, PEM. */
  public String rootPem() {
    return root;
  }

  /** Valid for a day, dated back by five minutes. */
  public Leaf good(String spiffeId) {
    return leaf(now.minus(BACKDATED), now.plus(DAY), false, spiffeId);
  }

  /** Ended an hour ago. */
  public Leaf expired(String spiffeId) {
    return leaf(now.minus(DAY), now.minus(Duration.ofHours(1)), false, spiffeId);
  }

  /** Begins in an hour. */
  public Leaf notYetValid(String spiffeId) {
    return leaf(now.plus(Duration.ofHours(1)), now.plus(DAY), false, spiffeId);
  }

  /** Names two workloads, so neither. */
  public Leaf twoUris(String spiffeId, String other) {
    return leaf(now.minus(BACKDATED), now.plus(DAY), false, spiffeId, other);
  }

  /** CA:TRUE: could sign others, so it names no workload. */
  public Leaf authority(String spiffeId) {
    return leaf(now.minus(BACKDATED), now.plus(DAY), true, spiffeId);
  }

  /** Of a server of an address, valid for a day. */
  public Leaf ofAddress(String address) {
    return leaf(form().address(address), root());
  }

  /** Of a server of a name, valid for a day. */
  public Leaf ofName(String name) {
    return leaf(form().dns(name), root());
  }

  /** What the root says of a leaf of its own: an OCSP response, good, from one time to another. */
  public byte[] vouches(Leaf leaf, Instant begins, Instant ends) {
    return answer(leaf, CertificateStatus.GOOD, begins, ends);
  }

  /** That it revoked the leaf an hour ago. */
  public byte[] revokes(Leaf leaf) {
    Date since = Date.from(now.minus(Duration.ofHours(1)));
    return answer(leaf, new RevokedStatus(since, CRLReason.keyCompromise), now, now.plus(DAY));
  }

  /**
   * A list (CRL) of what an authority revoked, PEM.
   *
   * @param ends when the next is due
   * @param revoked certificates in PEM, the first of each text
   */
  public static String list(Issuer by, Instant begins, Instant ends, String... revoked) {
    return list(new X509v2CRLBuilder(by.name, Date.from(begins)), by, ends, revoked);
  }

  /** As the other, of what was revoked since another one. */
  public static String delta(Issuer by, Instant begins, Instant ends, String... revoked) {
    X509v2CRLBuilder builder = new X509v2CRLBuilder(by.name, Date.from(begins));
    try {
      builder.addExtension(Extension.deltaCRLIndicator, true, new CRLNumber(BigInteger.ONE));
    } catch (CertIOException e) {
      throw new IllegalStateException("a number has an encoding", e);
    }
    return list(builder, by, ends, revoked);
  }

  private static String list(X509v2CRLBuilder builder, Issuer by, Instant ends, String... revoked) {
    builder.setNextUpdate(Date.from(ends));
    try {
      for (String pem : revoked) {
        String first = pem.substring(0, pem.indexOf("-----END"));
        builder.addCRLEntry(
            holder(first).getSerialNumber(), Date.from(Instant.EPOCH), CRLReason.keyCompromise);
      }
      return pem(
          "X509 CRL",
          builder
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.keys.getPrivate()))
              .getEncoded());
    } catch (OperatorCreationException | IOException e) {
      throw new IllegalStateException("a list could not be signed", e);
    }
  }

  /** A list of what the root revoked, from an hour ago to tomorrow. */
  public String list(String... revoked) {
    return list(root(), now.minus(Duration.ofHours(1)), now.plus(DAY), revoked);
  }

  private byte[] answer(Leaf leaf, CertificateStatus status, Instant begins, Instant ends) {
    try {
      DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
      X509CertificateHolder issuer = holder(root);
      DigestCalculator sha1 = digests.get(CertificateID.HASH_SHA1);
      return new OCSPRespBuilder()
          .build(
              OCSPRespBuilder.SUCCESSFUL,
              new BasicOCSPRespBuilder(issuer.getSubjectPublicKeyInfo(), sha1)
                  .addResponse(
                      new CertificateID(sha1, issuer, holder(leaf.certificate).getSerialNumber()),
                      status,
                      Date.from(begins),
                      Date.from(ends))
                  .build(
                      new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()),
                      null,
                      Date.from(begins)))
          .getEncoded();
    } catch (OCSPException | OperatorCreationException | IOException e) {
      throw new IllegalStateException("an answer about a certificate could not be signed", e);
    }
  }

  private static X509CertificateHolder holder(String pem) throws IOException {
    String body = pem.replaceAll("-----[A-Z ]+-----", "");
    return new X509CertificateHolder(Base64.getMimeDecoder().decode(body));
  }

  /** Who signs: the root, or an authority below it. */
  public record Issuer(KeyPair keys, X500Name name, String chain) {
    @Override
    public String toString() {
      return "Issuer [" + name + "]";
    }
  }

  /** The root. */
  public Issuer root() {
    return new Issuer(keys, ROOT_NAME, "");
  }

  /** An authority below another, as the form says. */
  public static Issuer below(Issuer above, CertificateForm form) {
    String own = pem("CERTIFICATE", form.signed(above.name, above.keys.getPrivate(), serial()));
    return new Issuer(form.keys(), form.subject(), own + above.chain);
  }

  /** Of a workload for a day, dated back by five minutes, to be changed. */
  public CertificateForm form(String... uris) {
    return form(now.minus(BACKDATED), now.plus(DAY)).uris(uris);
  }

  /** Of nobody so far. */
  public CertificateForm form(Instant begins, Instant ends) {
    return new CertificateForm(begins, ends, freshKeys());
  }

  /** What the form says, with the chain up to this root. */
  public Leaf leaf(CertificateForm form, Issuer by) {
    String own = pem("CERTIFICATE", form.signed(by.name, by.keys.getPrivate(), serial()));
    byte[] key = form.keys().getPrivate().getEncoded();
    return new Leaf(own + by.chain, pem("PRIVATE KEY", key), root);
  }

  private Leaf leaf(Instant begins, Instant ends, boolean authority, String... uris) {
    CertificateForm form = form(begins, ends).uris(uris);
    if (authority) {
      form.authority().usage(KeyUsage.digitalSignature | KeyUsage.keyCertSign);
    }
    return leaf(form, root());
  }

  private static KeyPair freshKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  private static BigInteger serial() {
    return new BigInteger(SERIAL_BITS, new SecureRandom());
  }

  private static String pem(String type, byte[] der) {
    String body =
        Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }

  /**
   * What a workload is given.
   *
   * @param certificate PEM
   * @param key PEM, PKCS#8
   * @param roots PEM
   */
  public record Leaf(String certificate, String key, String roots) {

    /** As {@code tls.crt}, {@code tls.key} (0600) and {@code ca.crt}; replaces what is there. */
    public void write(Path folder) throws IOException {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("tls.crt"), certificate);
      Files.writeString(folder.resolve("ca.crt"), roots);
      Path secret = folder.resolve("tls.key");
      Files.deleteIfExists(secret);
      Files.createFile(
          secret,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(secret, key);
    }

    @Override
    public String toString() {
      return "Leaf [redacted]";
    }
  }
}
