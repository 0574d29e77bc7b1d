package dev.weft.gateway.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AcmeFilesTest {

  @TempDir Path parent;
  private final Instant now = Instant.now();
  private final Leaf leaf = new TestCertificates(now).ofName("shop.test");

  private Path folder() {
    return parent.resolve("acme");
  }

  private Obtained obtained() throws GeneralSecurityException {
    return new Obtained(
        WorkloadIdentity.certificates(leaf.certificate(), "it"),
        Pem.privateKey(leaf.key(), "EC", "it"));
  }

  @Test
  void theAccountKeepsItsKey() throws Exception {
    KeyPair made = new AcmeFiles(folder()).account("ca.test");
    KeyPair kept = new AcmeFiles(folder()).account("ca.test");
    KeyPair other = new AcmeFiles(folder()).account("other.test");

    assertThat(kept.getPublic()).isEqualTo(made.getPublic()).isNotEqualTo(other.getPublic());
    assertThat(kept.getPrivate()).isEqualTo(made.getPrivate());
  }

  @Test
  void aBrokenAccountIsNotReplaced() throws Exception {
    new AcmeFiles(folder()).account("ca.test");
    Path file = folder().resolve("account-ca.test.pem");
    Files.writeString(file, "broken");

    assertThatThrownBy(() -> new AcmeFiles(folder()).account("ca.test"))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessageContaining("is no account's key");
    assertThat(file).hasContent("broken");
  }

  @Test
  void whatWasObtainedIsReadAgain() throws Exception {
    Obtained obtained = obtained();
    AcmeFiles files = new AcmeFiles(folder());
    assertThat(files.read("default/shop")).isEmpty();

    files.write("default/shop", obtained);

    assertThat(files.read("default/shop")).contains(obtained);
    assertThat(files.read("default/other")).isEmpty();
    assertThat(obtained.serves(List.of("shop.test"), now)).isTrue();
    assertThat(obtained.serves(List.of("shop.test", "www.shop.test"), now)).isFalse();
    assertThat(obtained.serves(List.of("shop.test"), now.plus(Duration.ofDays(2)))).isFalse();
    assertThat(obtained.toString()).contains("[redacted]").doesNotContain("PRIVATE");
  }

  @Test
  void nobodyElseMayReadAnyOfIt() throws Exception {
    AcmeFiles files = new AcmeFiles(folder());
    files.account("ca.test");
    files.write("default/shop", obtained());

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())))
        .isEqualTo("rwx------");
    try (Stream<Path> all = Files.list(folder())) {
      for (Path file : all.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .isEqualTo("rw-------");
      }
    }
  }
}
