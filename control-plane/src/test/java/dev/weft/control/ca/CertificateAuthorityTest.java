package dev.weft.control.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.PeerVerifier;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificateAuthorityTest {

  private static final SpiffeId SEARCH = new SpiffeId("cluster.local", "prod", "search");

  private final Ticker ticker = new SystemTicker();

  @TempDir private Path folder;

  @Test
  void aWorkloadCertificateIsAnSvidOfADay() throws Exception {
    X509Certificate leaf = authority().issue(SigningRequest.create().pem(), SEARCH);

    assertThat(PeerVerifier.id(leaf, "cluster.local")).isEqualTo(SEARCH);
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getKeyUsage()[0]).isTrue();
    assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.17"); // no subject: critical
    Duration life =
        Duration.between(leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
    assertThat(life).isEqualTo(Duration.ofHours(24).plusMinutes(5));
    leaf.verify(authority().root().getPublicKey());
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
  void aRequestThatDoesNotProveItsKeyIsRefused() throws Exception {
    String request = SigningRequest.create().pem();
    int middle = request.length() - 60;
    char other = request.charAt(middle) == 'A' ? 'B' : 'A';
    String forged = request.substring(0, middle) + other + request.substring(middle + 1);

    assertThatThrownBy(() -> authority().issue(forged, SEARCH))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void aCertificateOfAnotherTrustDomainOrOfTheRootIsNobody() throws Exception {
    X509Certificate leaf = authority().issue(SigningRequest.create().pem(), SEARCH);

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

  @Test
  void aTokenIsUsedOnceAndBoundToItsAccount() throws Exception {
    JoinTokens tokens = new JoinTokens(folder, ticker);
    String token = tokens.create("prod/search", Duration.ofMinutes(1), "root");

    assertThat(new JoinTokens(folder, ticker).redeem(token)).isEqualTo("prod/search");
    assertThatThrownBy(() -> tokens.redeem(token))
        .isInstanceOf(JoinTokens.Refused.class)
        .hasMessage("the join token is not known or was used already");
  }

  @Test
  void aTokenEndsAndAWrongSecretDoesNotUseItUp() throws Exception {
    JoinTokens tokens = new JoinTokens(folder, ticker);
    String ended = tokens.create("prod/search", Duration.ofMillis(-1), "root");
    String good = tokens.create("prod/search", Duration.ofMinutes(1), "root");
    String guessed = good.replaceFirst("\\.[^.]*\\.root$", ".guess.root");

    assertThatThrownBy(() -> tokens.redeem(ended)).hasMessage("the join token has expired");
    assertThatThrownBy(() -> tokens.redeem(guessed)).isInstanceOf(JoinTokens.Refused.class);
    assertThat(tokens.redeem(good)).isEqualTo("prod/search");
  }

  @Test
  void rubbishIsNoToken() throws Exception {
    JoinTokens tokens = new JoinTokens(folder, ticker);

    for (String text : List.of("", "x", "weft1.a.b", "weft1.../../x.s.r", "weft2.a.b.c")) {
      assertThatThrownBy(() -> tokens.redeem(text)).isInstanceOf(JoinTokens.Refused.class);
    }
  }

  private CertificateAuthority authority() throws Exception {
    return CertificateAuthority.open(folder, "cluster.local", Duration.ofHours(24), ticker);
  }
}
