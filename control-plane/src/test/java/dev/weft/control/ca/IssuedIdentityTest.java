package dev.weft.control.ca;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.DirectoryIdentity;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an authority issued, given to a workload as files. */
@Timeout(60)
final class IssuedIdentityTest {

  private static final SpiffeId SEARCH = new SpiffeId("cluster.local", "prod", "search");

  private final Ticker ticker = new SystemTicker();
  private final Vertx vertx = Vertx.vertx();

  @TempDir private Path folder;

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  @Test
  void aCertificateWithAnotherKeyIsNoIdentity() throws Exception {
    WorkloadIdentity old = identity();
    WorkloadIdentity fresh = identity();

    assertThatThrownBy(() -> parse(leaf(fresh), key(old), roots(fresh)))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessage("the key is not that of the certificate");
    assertThat(parse(leaf(fresh), key(fresh), roots(fresh)).id()).isEqualTo(SEARCH);
  }

  @Test
  void aWorkloadsCertificateIsNoRoot() throws Exception {
    WorkloadIdentity own = identity();

    assertThatThrownBy(() -> parse(leaf(own), key(own), roots(own) + leaf(own)))
        .hasMessage("among the roots is '', which is no authority");
  }

  @Test
  void aKeyMayBeSec1() throws Exception {
    WorkloadIdentity own = identity();
    String key = OldKeys.sec1(own.key());

    assertThat(parse(leaf(own), key, roots(own)).id()).isEqualTo(SEARCH);
    assertThat(parse(leaf(own), OldKeys.PARAMETERS + key, roots(own)).id()).isEqualTo(SEARCH);
  }

  @Test
  void aKeyMayBePkcs1() throws Exception {
    KeyPair keys = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    CertificateAuthority authority = authority();
    String leaf = Pem.certificates(List.of(authority.issue(keys.getPublic(), SEARCH)));
    String key = OldKeys.pkcs1(keys.getPrivate());

    assertThat(parse(leaf, key, Pem.certificates(List.of(authority.root()))).id())
        .isEqualTo(SEARCH);
  }

  @Test
  void aSec1KeyWithoutItsCurveIsBroken() throws Exception {
    WorkloadIdentity own = identity();
    byte[] inner = PrivateKeyInfo.getInstance(own.key().getEncoded()).getPrivateKey().getOctets();

    assertThatThrownBy(() -> parse(leaf(own), Pem.of("EC PRIVATE KEY", inner), roots(own)))
        .hasMessage("tls.key is broken, or no EC key as the certificate's is");
  }

  @Test
  void brokenFilesAreToldInWordsOfTheirOwn() throws Exception {
    WorkloadIdentity own = identity();
    String half = leaf(own).substring(0, 200);
    String torn =
        "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----\n";

    assertThatThrownBy(() -> parse(half, key(own), roots(own)))
        .hasMessage("tls.crt is broken (expected: certificates in PEM)");
    assertThatThrownBy(() -> parse("", key(own), roots(own)))
        .hasMessage("tls.crt holds no certificate (expected: PEM)");
    assertThatThrownBy(() -> parse(leaf(own), torn, roots(own)))
        .hasMessage("tls.key is broken, or no EC key as the certificate's is");
    assertThatThrownBy(() -> parse(leaf(own), "", roots(own)))
        .hasMessage(
            "tls.key holds no key (expected: PEM of PKCS#8, SEC1 or PKCS#1, not encrypted)");
  }

  @Test
  void aFolderIsReadAgainWhenItsLinkIsSwappedAndNeverMixed() throws Exception {
    WorkloadIdentity first = identity();
    WorkloadIdentity second = identity();
    swap("1", leaf(first), key(first), roots(first));
    IdentityStore store = new IdentityStore();
    BlockingQueue<WorkloadIdentity> published = new LinkedBlockingQueue<>();
    store.onChange(published::add);
    DirectoryIdentity source =
        new DirectoryIdentity(vertx, mounted(), "cluster.local", store, new SystemTicker());
    source.start().toCompletionStage().toCompletableFuture().get(20, SECONDS);

    swap("2", leaf(second), key(first), roots(second));
    swap("3", leaf(second), key(second), roots(second));

    assertThat(published.poll(20, SECONDS).leaf()).isEqualTo(first.leaf());
    assertThat(published.poll(20, SECONDS).leaf()).isEqualTo(second.leaf());
    source.close();
  }

  @Test
  void aMissingFileIsNamed() throws Exception {
    DirectoryIdentity source =
        new DirectoryIdentity(
            vertx, folder, "cluster.local", new IdentityStore(), new SystemTicker());

    assertThatThrownBy(
            () -> source.start().toCompletionStage().toCompletableFuture().get(20, SECONDS))
        .hasMessageContaining(
            "identity dir:" + folder + ": there is no " + folder.resolve("tls.crt"));
  }

  /** As Kubernetes mounts a Secret: the files are links through {@code ..data}. */
  private Path mounted() throws IOException {
    Path mount = folder.resolve("mount");
    for (String name : List.of("tls.crt", "tls.key", "ca.crt")) {
      Files.createSymbolicLink(mount.resolve(name), Path.of("..data", name));
    }
    return mount;
  }

  private void swap(String version, String leaf, String key, String roots) throws IOException {
    Path set = Files.createDirectories(folder.resolve("mount").resolve(".." + version));
    Files.writeString(set.resolve("tls.crt"), leaf);
    Files.writeString(set.resolve("tls.key"), key);
    Files.writeString(set.resolve("ca.crt"), roots);
    Path draft = folder.resolve("mount").resolve("..data_tmp");
    Files.createSymbolicLink(draft, set.getFileName());
    Files.move(
        draft,
        folder.resolve("mount").resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private WorkloadIdentity identity() throws Exception {
    return authority().own(SEARCH);
  }

  private CertificateAuthority authority() throws Exception {
    return CertificateAuthority.open(
        folder.resolve("ca"), "cluster.local", Duration.ofHours(24), ticker);
  }

  private static WorkloadIdentity parse(String leaf, String key, String roots)
      throws GeneralSecurityException {
    return WorkloadIdentity.parse(leaf, key, roots, "cluster.local");
  }

  private static String leaf(WorkloadIdentity identity) {
    return Pem.certificates(List.of(identity.leaf()));
  }

  private static String key(WorkloadIdentity identity) {
    return Pem.of("PRIVATE KEY", identity.key().getEncoded());
  }

  private static String roots(WorkloadIdentity identity) {
    return Pem.certificates(identity.roots());
  }
}
