package dev.weft.control;

import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.RevocationFile;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Issuer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;

/** What the owner of an authority's folder does to take certificates back. */
public final class RevokedBy {

  private RevokedBy() {}

  /** Writes a list of these into the folder, and has the authority read it. */
  public static void folder(
      Path folder, CertificateAuthority authority, Ticker ticker, WorkloadIdentity... revoked)
      throws Exception {
    X509Certificate root =
        WorkloadIdentity.certificates(Files.readString(folder.resolve("root.crt")), "root.crt")
            .get(0);
    PrivateKey key = Pem.privateKey(Files.readString(folder.resolve("root.key")), "EC", "root.key");
    Issuer issuer =
        new Issuer(
            new KeyPair(root.getPublicKey(), key),
            X500Name.getInstance(root.getSubjectX500Principal().getEncoded()),
            "");
    Instant now = Instant.ofEpochMilli(ticker.epochMillis());
    String[] taken =
        Stream.of(revoked).map(one -> Pem.certificates(List.of(one.leaf()))).toArray(String[]::new);
    Files.writeString(
        folder.resolve("ca-crl.pem"),
        TestCertificates.list(issuer, now, now.plus(Duration.ofDays(1)), taken));
    new RevocationFile(folder, authority, ticker).read();
  }
}
