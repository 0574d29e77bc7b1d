package dev.weft.control.ca;

import dev.weft.kubernetes.trust.AuthoritySecret.Part;
import dev.weft.kubernetes.trust.AuthoritySecret.Parts;
import dev.weft.routing.identity.Pem;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An intermediate authority under somebody's root, both RSA, as cert-manager makes them.
 *
 * @param key of the intermediate authority
 */
public record GivenAuthority(X509Certificate root, X509Certificate intermediate, PrivateKey key) {

  /** Valid for an hour around {@code now}. */
  public static GivenAuthority make(Instant now) throws Exception {
    KeyPairGenerator pairs = KeyPairGenerator.getInstance("RSA");
    KeyPair above = pairs.generateKeyPair();
    KeyPair below = pairs.generateKeyPair();
    return new GivenAuthority(
        certificate(now, "CN=root", above, "CN=root", above),
        certificate(now, "CN=root", above, "CN=intermediate", below),
        below.getPrivate());
  }

  private static X509Certificate certificate(
      Instant now, String issuer, KeyPair signer, String subject, KeyPair own) throws Exception {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(issuer),
            BigInteger.valueOf(subject.hashCode() & Integer.MAX_VALUE),
            Date.from(now.minus(Duration.ofMinutes(30))),
            Date.from(now.plus(Duration.ofMinutes(30))),
            new X500Name(subject),
            own.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(signer.getPrivate())));
  }

  /** As cert-manager's Secret has it. */
  public Parts parts() {
    return parts(intermediate, key, root);
  }

  static Parts parts(X509Certificate signer, PrivateKey key, X509Certificate root) {
    return new Parts(
        new Part("tls.crt", Pem.certificates(List.of(signer))),
        new Part("tls.key", Pem.of("PRIVATE KEY", key.getEncoded())),
        new Part("", ""),
        new Part("ca.crt", Pem.certificates(List.of(root))));
  }
}
