package dev.weft.control.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.TurnedTicker;
import dev.weft.routing.identity.SigningRequest;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JoinTokensTest {

  private static final String USED = "the join token is not known or was used already";

  private final TurnedTicker ticker = new TurnedTicker();
  private PublicKey own;
  private PublicKey other;

  @TempDir private Path folder;

  @BeforeEach
  void keys() throws Exception {
    own = SigningRequest.create().keys().getPublic();
    other = SigningRequest.create().keys().getPublic();
  }

  @Test
  void aTokenIsUsedByOneKeyAndBoundToItsAccount() throws Exception {
    JoinTokens tokens = new JoinTokens(folder, ticker);
    String token = tokens.create("prod/search", Duration.ofMinutes(1), "root");

    assertThat(new JoinTokens(folder, ticker).redeem(token, own)).isEqualTo("prod/search");
    assertThatThrownBy(() -> tokens.redeem(token, other))
        .isInstanceOf(JoinTokens.Refused.class)
        .hasMessage(USED);
  }

  @Test
  void theSameKeyMayAskAgainForFiveMinutes() throws Exception {
    JoinTokens tokens = new JoinTokens(folder, ticker);
    String token = tokens.create("prod/search", Duration.ofHours(1), "root");
    tokens.redeem(token, own);

    ticker.turn(Duration.ofMinutes(4));
    assertThat(tokens.redeem(token, own)).isEqualTo("prod/search");
    assertThatThrownBy(() -> tokens.redeem(token, other)).hasMessage(USED);
    ticker.turn(Duration.ofMinutes(2));
    assertThatThrownBy(() -> tokens.redeem(token, own)).hasMessage(USED);
  }

  @Test
  void theSameKeyMayNotAskAgainWhenTheTokenHasEnded() throws Exception {
    JoinTokens tokens = new JoinTokens(folder, ticker);
    String token = tokens.create("prod/search", Duration.ofMinutes(1), "root");
    tokens.redeem(token, own);

    ticker.turn(Duration.ofMinutes(2));

    assertThatThrownBy(() -> tokens.redeem(token, own)).isInstanceOf(JoinTokens.Refused.class);
  }

  @Test
  void aTokenEndsAndAWrongSecretDoesNotUseItUp() throws Exception {
    JoinTokens tokens = new JoinTokens(folder, ticker);
    String good = tokens.create("prod/search", Duration.ofMinutes(1), "root");
    String ended = tokens.create("prod/search", Duration.ofMillis(-1), "root");
    String guessed = good.replaceFirst("\\.[^.]*\\.root$", ".guess.root");

    assertThatThrownBy(() -> tokens.redeem(ended, own)).hasMessage("the join token has expired");
    assertThatThrownBy(() -> tokens.redeem(guessed, own)).isInstanceOf(JoinTokens.Refused.class);
    assertThat(tokens.redeem(good, own)).isEqualTo("prod/search");
  }

  @Test
  void filesOfTokensThatHaveEndedAreRemoved() throws Exception {
    JoinTokens tokens = new JoinTokens(folder, ticker);
    tokens.create("prod/search", Duration.ofMinutes(1), "root");
    String used = tokens.create("prod/search", Duration.ofHours(9), "root");
    tokens.redeem(used, own);

    ticker.turn(Duration.ofMinutes(6));
    tokens.create("prod/search", Duration.ofMinutes(1), "root");

    assertThat(folder.resolve("tokens").toFile().list()).hasSize(1);
  }

  @Test
  void rubbishIsNoToken() throws Exception {
    JoinTokens tokens = new JoinTokens(folder, ticker);

    for (String text : List.of("", "x", "weft1.a.b", "weft1.../../x.s.r", "weft2.a.b.c")) {
      assertThatThrownBy(() -> tokens.redeem(text, own)).isInstanceOf(JoinTokens.Refused.class);
    }
  }
}
