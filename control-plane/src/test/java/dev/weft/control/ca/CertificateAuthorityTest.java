package dev.weft.control.ca;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.PeerVerifier;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificateAuthorityTest {

  private static final SpiffeId SEARCH = new SpiffeId("cluster.local", "prod", "search");

  private final Ticker ticker = new SystemTicker();

  @TempDir private Path folder;

  @Test
  void aWorkloadCertificateIsAnSvidOfADay() throws Exception {
    X509Certificate leaf = authority().issue(SigningRequest.create().keys().getPublic(), SEARCH);

    assertThat(PeerVerifier.id(leaf, "cluster.local")).isEqualTo(SEARCH);
    assertThat(leaf.getExtensionValue("2.5.29.19")).as("basicConstraints").isNotNull();
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getKeyUsage())
        .containsExactly(true, false, false, false, false, false, false, false, false);
    assertThat(((ECPublicKey) leaf.getPublicKey()).getParams().getCurve().getField().getFieldSize())
        .isEqualTo(256);
    assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.17"); // no subject: critical
    Duration life =
        Duration.between(leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
    assertThat(life).isEqualTo(Duration.ofHours(24).plusMinutes(5));
    Instant made = leaf.getNotBefore().toInstant().plus(Duration.ofMinutes(5));
    Instant now = Instant.ofEpochMilli(ticker.epochMillis());
    assertThat(made).isBetween(now.minusSeconds(60), now);
    leaf.verify(authority().root().getPublicKey());
  }

  @Test
  void aServersCertificateIsNobodysIdentity() throws Exception {
    X509Certificate leaf =
        authority().server(SigningRequest.create().keys().getPublic(), "weft-control.weft.svc");

    assertThatThrownBy(() -> PeerVerifier.id(leaf, "cluster.local"))
        .isInstanceOf(CertificateException.class);
    assertThat(leaf.getSubjectAlternativeNames())
        .containsExactly(List.of(2, "weft-control.weft.svc"));
    assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1"); // serverAuth
  }

  @Test
  void theRootIsFoundedOnceAndItsKeyIsNobodyElses() throws Exception {
    X509Certificate first = authority().root();

    assertThat(authority().root()).isEqualTo(first);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("root.key"))))
        .isEqualTo("rw-------");
  }

  @Test
  void aRootWhoseKeyOrCertificateIsGoneIsNotReplaced() throws Exception {
    authority();
    Path key = folder.resolve("root.key");
    Path certificate = folder.resolve("root.crt");

    Files.move(certificate, folder.resolve("elsewhere"));
    assertThatThrownBy(this::authority)
        .hasMessage(
            "root.crt is missing, but root.key shows that there was a root;"
                + " put root.crt back, or take an empty folder for a new mesh");
    Files.move(folder.resolve("elsewhere"), certificate);
    Files.move(key, folder.resolve("elsewhere"));
    assertThatThrownBy(this::authority)
        .hasMessageStartingWith("root.key is missing, but root.crt shows that there was a root");
    Files.delete(certificate);
    assertThatThrownBy(this::authority)
        .hasMessageStartingWith("root.crt is missing, but root.sha256 shows that there was a root");
    assertThat(certificate).doesNotExist();
    assertThat(key).doesNotExist();
  }

  @Test
  void aTokenShowsThatThereWasARoot() throws Exception {
    new JoinTokens(folder, ticker).create("prod/search", Duration.ofMinutes(1), "root");

    assertThatThrownBy(this::authority)
        .hasMessageMatching(
            "root.crt is missing, but tokens/[^/ ]+ shows that there was a root; .*");
  }

  @Test
  void aRootOfAnotherKeyIsRefused() throws Exception {
    authority();
    Path key = folder.resolve("root.key");
    byte[] other = SigningRequest.create().keys().getPrivate().getEncoded();
    Files.writeString(key, Pem.of("PRIVATE KEY", other));

    assertThatThrownBy(this::authority).hasMessage("root.key is not the key of root.crt");
  }

  @Test
  void aRootOfOnesOwnWithASec1KeyCertifiesUnderItsOwnName() throws Exception {
    KeyPair keys = SigningRequest.create().keys();
    X500Name name = new X500Name("CN=Our own root");
    Instant now = Instant.now();
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            BigInteger.ONE,
            Date.from(now.minusSeconds(60)),
            Date.from(now.plusSeconds(86_400)),
            name,
            keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
    ContentSigner signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
    X509Certificate root = new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    Files.writeString(folder.resolve("root.crt"), Pem.certificates(List.of(root)));
    Files.writeString(folder.resolve("root.key"), OldKeys.sec1(keys.getPrivate()));

    X509Certificate leaf = authority().issue(SigningRequest.create().keys().getPublic(), SEARCH);

    assertThat(leaf.getIssuerX500Principal()).isEqualTo(root.getSubjectX500Principal());
    leaf.verify(root.getPublicKey());
  }

  @Test
  void manyOpenOneFolderAtOnceAndFindOneRoot() throws Exception {
    int many = 8;
    ExecutorService threads = Executors.newFixedThreadPool(many);
    CyclicBarrier together = new CyclicBarrier(many);
    Callable<X509Certificate> open =
        () -> {
          together.await(20, SECONDS);
          X509Certificate root = authority().root();
          new JoinTokens(folder, ticker).create("prod/search", Duration.ofMinutes(1), "root");
          return root;
        };

    List<Future<X509Certificate>> opened =
        threads.invokeAll(Collections.nCopies(many, open), 20, SECONDS);

    threads.shutdown();
    Set<X509Certificate> roots = new HashSet<>();
    for (Future<X509Certificate> one : opened) {
      roots.add(one.get(1, SECONDS));
    }
    assertThat(roots).containsExactly(authority().root());
  }

  @Test
  void aCertificateOfAnotherTrustDomainOrOfTheRootIsNobody() throws Exception {
    X509Certificate leaf = authority().issue(SigningRequest.create().keys().getPublic(), SEARCH);

    assertThatThrownBy(() -> PeerVerifier.id(leaf, "other.local"))
        .isInstanceOf(CertificateException.class)
        .hasMessage("trust domain cluster.local (expected: other.local)");
    assertThat(
            PeerVerifier.refusal(
                leaf, "cluster.local", Set.of("spiffe://cluster.local/ns/prod/sa/cart")))
        .contains(
            "it is spiffe://cluster.local/ns/prod/sa/search"
                + " (expected: spiffe://cluster.local/ns/prod/sa/cart)");
    assertThatThrownBy(() -> PeerVerifier.id(authority().root(), "cluster.local"))
        .hasMessage("0 URI names (expected: exactly one)");
  }

  private CertificateAuthority authority() throws Exception {
    return CertificateAuthority.open(folder, "cluster.local", Duration.ofHours(24), ticker);
  }
}
