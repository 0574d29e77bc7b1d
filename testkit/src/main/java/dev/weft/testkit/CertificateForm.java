package dev.weft.testkit;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** What a certificate says, right or wrong: a workload's of ECDSA P-256 until told otherwise. */
public final class CertificateForm {

  private static final ASN1ObjectIdentifier UNHEARD_OF =
      new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1");

  private final Instant begins;
  private final Instant ends;
  private KeyPair keys;
  private X500Name subject = new X500Name("");
  private List<GeneralName> names = List.of();
  private boolean namesCritical = true;
  private OptionalInt usage = OptionalInt.of(KeyUsage.digitalSignature);
  private BasicConstraints constraints = new BasicConstraints(false);
  private List<String> purposes = List.of();
  private Optional<String> algorithm = Optional.empty();
  private final List<Extension> others = new ArrayList<>();

  /**
   * @param keys of whom it certifies
   */
  public CertificateForm(Instant begins, Instant ends, KeyPair keys) {
    this.begins = begins;
    this.ends = ends;
    this.keys = keys;
  }

  /** Names it so, in place of others; none at all is a certificate without such names. */
  public CertificateForm uris(String... uris) {
    return names(GeneralName.uniformResourceIdentifier, uris);
  }

  /** Adds a DNS name. */
  public CertificateForm dns(String name) {
    return named(new GeneralName(GeneralName.dNSName, name));
  }

  /** Adds an IP address. */
  public CertificateForm address(String address) {
    return named(new GeneralName(GeneralName.iPAddress, address));
  }

  private CertificateForm named(GeneralName name) {
    List<GeneralName> all = new ArrayList<>(names);
    all.add(name);
    names = all;
    return this;
  }

  /** Names it by a mail address, in place of others. */
  public CertificateForm mail(String address) {
    return names(GeneralName.rfc822Name, address);
  }

  private CertificateForm names(int kind, String... texts) {
    names = Stream.of(texts).map(text -> new GeneralName(kind, text)).toList();
    return this;
  }

  /** The names may be overlooked by who does not understand them. */
  public CertificateForm uncritical() {
    namesCritical = false;
    return this;
  }

  /** E.g. {@code CN=x}. */
  public CertificateForm subject(String name) {
    subject = new X500Name(name);
    return this;
  }

  /**
   * @param bits of {@link KeyUsage}
   */
  public CertificateForm usage(int bits) {
    usage = OptionalInt.of(bits);
    return this;
  }

  public CertificateForm noUsage() {
    usage = OptionalInt.empty();
    return this;
  }

  /** For what its key may be used. */
  public CertificateForm purposes(KeyPurposeId... ids) {
    purposes = Stream.of(ids).map(KeyPurposeId::getId).toList();
    return this;
  }

  /** May sign others. */
  public CertificateForm authority() {
    constraints = new BasicConstraints(true);
    return usage(KeyUsage.keyCertSign | KeyUsage.cRLSign);
  }

  /** May sign others, with so many authorities below it. */
  public CertificateForm authority(int below) {
    constraints = new BasicConstraints(below);
    return usage(KeyUsage.keyCertSign | KeyUsage.cRLSign);
  }

  /** An authority that may not certify such URIs. */
  public CertificateForm excludingUris(String host) {
    GeneralSubtree tree =
        new GeneralSubtree(new GeneralName(GeneralName.uniformResourceIdentifier, host));
    return other(
        Extension.nameConstraints, true, new NameConstraints(null, new GeneralSubtree[] {tree}));
  }

  /** Says something that nobody understands. */
  public CertificateForm unheardOf(boolean critical) {
    others.add(new Extension(UNHEARD_OF, critical, "?".getBytes(StandardCharsets.US_ASCII)));
    return this;
  }

  private CertificateForm other(ASN1ObjectIdentifier id, boolean critical, ASN1Object value) {
    try {
      others.add(new Extension(id, critical, value.getEncoded()));
    } catch (IOException e) {
      throw new IllegalArgumentException("no such extension can be written", e);
    }
    return this;
  }

  /** Whom it certifies. */
  public CertificateForm keys(KeyPair other) {
    keys = other;
    return this;
  }

  /** E.g. {@code SHA1withECDSA}. */
  public CertificateForm signedBy(String name) {
    algorithm = Optional.of(name);
    return this;
  }

  KeyPair keys() {
    return keys;
  }

  X500Name subject() {
    return subject;
  }

  /** The certificate, DER. */
  byte[] signed(X500Name issuer, PrivateKey by, BigInteger serial) {
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer, serial, Date.from(begins), Date.from(ends), subject, keys.getPublic());
    String usual = by.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    try {
      if (!names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            namesCritical,
            new GeneralNames(names.toArray(GeneralName[]::new)));
      }
      builder.addExtension(Extension.basicConstraints, true, constraints);
      if (usage.isPresent()) {
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage.getAsInt()));
      }
      if (!purposes.isEmpty()) {
        KeyPurposeId[] ids =
            purposes.stream()
                .map(id -> KeyPurposeId.getInstance(new ASN1ObjectIdentifier(id)))
                .toArray(KeyPurposeId[]::new);
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(ids));
      }
      for (Extension other : others) {
        builder.addExtension(other);
      }
      return builder.build(signer(algorithm.orElse(usual)).build(by)).getEncoded();
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException("a test certificate could not be signed", e);
    }
  }

  /** The JDK has no names for all. */
  private static JcaContentSignerBuilder signer(String algorithm) {
    JcaContentSignerBuilder builder = new JcaContentSignerBuilder(algorithm);
    return algorithm.endsWith("MGF1") ? builder.setProvider(new BouncyCastleProvider()) : builder;
  }
}
