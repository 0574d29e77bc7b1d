package dev.weft.control.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.TurnedTicker;
import dev.weft.control.access.AccessSettings.Named;
import dev.weft.routing.process.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is let in by, without wires. */
final class AccessTest {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;

  private final TurnedTicker ticker = new TurnedTicker();

  @Test
  void elsewhereNobodyIsLetInByDefaultAndNothingGoesInCleartext() {
    Optional<Path> some = Optional.of(folder);
    HostPort everywhere = new HostPort("0.0.0.0", 8443);
    HostPort here = new HostPort("127.0.0.1", 8080);

    assertThatThrownBy(() -> settings(everywhere, Optional.empty(), some, Optional.empty()))
        .hasMessage(
            "--dashboard 0.0.0.0:8443 (expected: with --dashboard-tls, or a loopback address)");
    assertThatThrownBy(() -> settings(everywhere, some, Optional.empty(), Optional.empty()))
        .hasMessageContaining("with --dashboard-token-file or --dashboard-clients");
    assertThatThrownBy(() -> settings(here, Optional.empty(), Optional.empty(), some))
        .hasMessage("--dashboard-clients (expected: with --dashboard-tls)");
    assertThat(settings(here, Optional.empty(), Optional.empty(), Optional.empty()).open())
        .isTrue();
    assertThat(settings(everywhere, some, some, Optional.empty()).open()).isFalse();
    assertThat(settings(everywhere, some, Optional.empty(), some).open()).isFalse();
  }

  private static AccessSettings settings(
      HostPort at, Optional<Path> tls, Optional<Path> token, Optional<Path> clients) {
    return new AccessSettings(
        at, tls, token.stream().map(file -> new Named("ops", file)).toList(), clients, Set.of());
  }

  @Test
  void aTokenIsCalledAsIsSaidOrAsItsFile() {
    assertThat(Named.parse("alice=/etc/weft/token"))
        .isEqualTo(new Named("alice", Path.of("/etc/weft/token")));
    assertThat(Named.parse("/etc/weft/bob")).isEqualTo(new Named("bob", Path.of("/etc/weft/bob")));
    assertThatThrownBy(() -> Named.parse("/"))
        .hasMessage("--dashboard-token-file / (expected: FILE or NAME=FILE)");
  }

  @Test
  void whoMayChangeIsOneOfThoseWhoAreLetIn() {
    HostPort here = new HostPort("127.0.0.1", 8080);
    List<Named> tokens = List.of(new Named("bob", folder), new Named("alice", folder));

    assertThatThrownBy(
            () ->
                new AccessSettings(
                    here, Optional.empty(), tokens, Optional.empty(), Set.of("alcie")))
        .hasMessage(
            "--dashboard-editor alcie (expected: one of alice, bob, or the subject of a certificate"
                + " with --dashboard-clients)");
    assertThatThrownBy(
            () ->
                new AccessSettings(
                    here, Optional.empty(), List.of(), Optional.empty(), Set.of("alice")))
        .hasMessageContaining("(expected: with --dashboard-token-file");
    assertThatThrownBy(
            () ->
                new AccessSettings(
                    here,
                    Optional.empty(),
                    List.of(tokens.get(0), tokens.get(0)),
                    Optional.empty(),
                    Set.of()))
        .hasMessageContaining("a name of its own for each");
  }

  @Test
  void aTokenThatOthersCanReadOrGuessIsRefused() throws Exception {
    assertThatThrownBy(() -> TokenFile.read(named("rw-r--r--", TOKEN)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is open to others (expected: mode 0600");
    assertThatThrownBy(() -> TokenFile.read(named("rw-------", "secret")))
        .hasMessageContaining("has 6 characters (expected: 32 or more");
    assertThat(TokenFile.read(named("r--r-----", TOKEN + "\n")).is(TOKEN)).isTrue();
    assertThat(TokenFile.read(named("rw-------", TOKEN)).is(TOKEN + "0")).isFalse();
  }

  @Test
  void anAddressIsWrongFiveTimesThenOnceInTwelveSeconds() {
    Tries tries = new Tries(ticker);
    for (int i = 0; i < 5; i++) {
      assertThat(tries.may("10.0.0.1")).isTrue();
      tries.wrong("10.0.0.1");
    }

    assertThat(tries.may("10.0.0.1")).isFalse();
    assertThat(tries.wait("10.0.0.1")).isBetween(10L, 12L);
    assertThat(tries.may("10.0.0.2")).isTrue();
    ticker.turn(Duration.ofSeconds(13));
    assertThat(tries.may("10.0.0.1")).isTrue();
    tries.wrong("10.0.0.1");
    assertThat(tries.may("10.0.0.1")).isFalse();
  }

  @Test
  void veryManyAddressesShareWhatIsLeft() {
    Tries tries = new Tries(ticker);
    for (int i = 0; i < 1_000; i++) {
      tries.wrong("10.0." + i / 256 + "." + i % 256);
    }
    for (int i = 0; i < 5; i++) {
      tries.wrong("192.0.2." + i);
    }

    assertThat(tries.may("192.0.2.77")).isFalse();
    assertThat(tries.may("10.0.0.1")).isTrue();
  }

  @Test
  void aSessionEndsWithItsTimeItsTokenOrByWish() throws Exception {
    TokenFile token = TokenFile.read(named("rw-------", TOKEN));
    TokenFile other = TokenFile.read(named("rw-------", TOKEN + "0"));
    Sessions sessions = new Sessions(ticker);
    String first = sessions.begin(token);
    String second = sessions.begin(token);
    String third = sessions.begin(token);

    assertThat(first).matches("[0-9a-f]{64}").isNotEqualTo(second);
    assertThat(sessions.token(first, List.of(token))).contains(token);
    assertThat(sessions.token(first, List.of(other))).isEmpty();
    sessions.end(second);
    assertThat(sessions.token(second, List.of(token))).isEmpty();
    ticker.turn(Duration.ofHours(12));
    assertThat(sessions.token(third, List.of(token))).isEmpty();
    assertThat(sessions.token("", List.of(token))).isEmpty();
  }

  @Test
  void sessionsAreBounded() throws Exception {
    TokenFile token = TokenFile.read(named("rw-------", TOKEN));
    Sessions sessions = new Sessions(ticker);
    String first = sessions.begin(token);
    for (int i = 0; i < 100; i++) {
      sessions.begin(token);
    }

    assertThat(sessions.token(first, List.of(token))).isEmpty();
  }

  private Named named(String mode, String text) throws IOException {
    return new Named("ops", file(mode, text));
  }

  private Path file(String mode, String text) throws IOException {
    Path file = Files.writeString(Files.createTempFile(folder, "token", ""), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }
}
