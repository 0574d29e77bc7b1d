package dev.weft.routing.identity.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.identity.join.CertificateClient.Hopeless;
import dev.weft.routing.identity.join.JoinFiles.Credential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JoinFilesTest {

  private static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

  @TempDir private Path folder;

  @Test
  void aJoinTokenNamesItsRootAndIsGoodOnce() throws Exception {
    Credential read = files("weft1.id.secret.r00t\n", Optional.empty()).read();

    assertThat(read.token()).isEqualTo("weft1.id.secret.r00t");
    assertThat(read.roots()).containsExactly("r00t");
    assertThat(read.lasting()).isFalse();
    assertThat(read.toString()).doesNotContain("secret");
  }

  @Test
  void aServiceAccountTokenWithoutRootsIsItsOwnersMistake() {
    assertThatThrownBy(() -> files(JWT, Optional.empty()).read())
        .isInstanceOf(Hopeless.class)
        .hasMessageContaining("--root-cert FILE says which control plane to trust");
  }

  @Test
  void rootsThatAreNotThereYetMayCome() {
    Path roots = folder.resolve("root-cert.pem");

    assertThatThrownBy(() -> files(JWT, Optional.of(roots)).read())
        .isInstanceOf(IOException.class)
        .hasMessage("--root-cert " + roots + ": there is no such file yet");
  }

  @Test
  void rootsThatAreHalfWrittenMayBecomeWhole() throws Exception {
    Path roots = Files.writeString(folder.resolve("root-cert.pem"), "-----BEGIN CERTI");

    assertThatThrownBy(() -> files(JWT, Optional.of(roots)).read())
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("root-cert.pem");
  }

  @Test
  void whatIsNoTokenAtAllIsTold() {
    assertThatThrownBy(() -> files("letmein", Optional.empty()).read())
        .isInstanceOf(Hopeless.class)
        .hasMessageStartingWith("the token file holds no join token (./weft token makes one)")
        .hasMessageNotContaining("letmein");
  }

  private JoinFiles files(String token, Optional<Path> roots) throws IOException {
    return new JoinFiles(Optional.of(Files.writeString(folder.resolve("token"), token)), roots);
  }
}
