package dev.weft.control.ca;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * Certifies workloads of one trust domain. The root is made once and kept in a folder; workload
 * certificates are X509-SVIDs of a day, dated back by five minutes for clocks that are behind.
 *
 * <p>What a request says of its own names is ignored; only its key counts, after it proved to have
 * the private half. Any thread may enter.
 *
 * <p>Source: the X509-SVID specification, sections 2 to 4; RFC 5280.
 */
public final class CertificateAuthority {

  private static final Duration ROOT_LIFE = Duration.ofDays(3650);
  private static final Duration BACKDATED = Duration.ofMinutes(5);
  private static final X500Name ROOT_NAME = new X500Name("O=Weft,CN=Weft mesh root");
  private static final int SERIAL_BITS = 128;

  private final X509Certificate root;
  private final PrivateKey key;
  private final String trustDomain;
  private final Duration life;
  private final Ticker ticker;
  private final SecureRandom random = new SecureRandom();

  private CertificateAuthority(
      X509Certificate root, PrivateKey key, String trustDomain, Duration life, Ticker ticker) {
    this.root = root;
    this.key = key;
    this.trustDomain = trustDomain;
    this.life = life;
    this.ticker = ticker;
  }

  /**
   * Opens the authority in {@code folder}, or founds it there.
   *
   * @param life of workload certificates, usually a day
   * @throws IOException where the folder cannot be read or written
   */
  public static CertificateAuthority open(
      Path folder, String trustDomain, Duration life, Ticker ticker)
      throws IOException, GeneralSecurityException {
    PrivateFiles.folder(folder);
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      Path certificate = folder.resolve("root.crt");
      Path secret = folder.resolve("root.key");
      if (!lock.isValid() || !Files.exists(certificate) || !Files.exists(secret)) {
        found(certificate, secret, ticker);
      }
      X509Certificate root =
          WorkloadIdentity.certificates(Files.readString(certificate), "root.crt").get(0);
      PrivateKey key = WorkloadIdentity.key(Files.readString(secret), "EC");
      return new CertificateAuthority(root, key, trustDomain, life, ticker);
    }
  }

  private static void found(Path certificate, Path secret, Ticker ticker)
      throws IOException, GeneralSecurityException {
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
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    X509Certificate root = signed(builder, fresh.keys().getPrivate());
    PrivateFiles.write(secret, Pem.of("PRIVATE KEY", fresh.keys().getPrivate().getEncoded()));
    PrivateFiles.write(certificate, Pem.certificates(List.of(root)));
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException("the root's key cannot sign", e);
    }
  }

  public X509Certificate root() {
    return root;
  }

  public String trustDomain() {
    return trustDomain;
  }

  /**
   * A certificate for the key of a request.
   *
   * @param request PKCS#10 in PEM
   * @throws GeneralSecurityException where it is no request, or does not prove its key
   */
  public X509Certificate issue(String request, SpiffeId id) throws GeneralSecurityException {
    return issue(provenKey(request), id);
  }

  private static PublicKey provenKey(String request) throws GeneralSecurityException {
    try (PEMParser parser = new PEMParser(new StringReader(request))) {
      if (!(parser.readObject() instanceof PKCS10CertificationRequest read)) {
        throw new GeneralSecurityException("no certificate request (expected: PKCS#10 in PEM)");
      }
      JcaPKCS10CertificationRequest wanted = new JcaPKCS10CertificationRequest(read);
      PublicKey key = wanted.getPublicKey();
      if (!wanted.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw new GeneralSecurityException("the request does not prove its key");
      }
      return key;
    } catch (IOException | OperatorCreationException | PKCSException e) {
      throw new GeneralSecurityException("the certificate request cannot be read", e);
    }
  }

  private X509Certificate issue(PublicKey subject, SpiffeId id) throws GeneralSecurityException {
    Instant now = Instant.ofEpochMilli(ticker.epochMillis());
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            ROOT_NAME,
            new BigInteger(SERIAL_BITS, random),
            Date.from(now.minus(BACKDATED)),
            Date.from(now.plus(life)),
            new X500Name(""),
            subject);
    GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, id.toString());
    KeyPurposeId[] purposes = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
    try {
      builder.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(name));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
    } catch (CertIOException e) {
      throw new GeneralSecurityException("no certificate can be made for " + id, e);
    }
    return signed(builder, key);
  }

  /** An identity for this process itself, with the root in its chain for those who pin it. */
  public WorkloadIdentity own(SpiffeId id) throws GeneralSecurityException {
    SigningRequest fresh = SigningRequest.create();
    X509Certificate leaf = issue(fresh.keys().getPublic(), id);
    return new WorkloadIdentity(id, fresh.keys().getPrivate(), List.of(leaf, root), List.of(root));
  }
}
