package dev.weft.routing.stage.edge.password;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Pbkdf2Test {

  /** By Python's hashlib. */
  private static final String HASH =
      "$pbkdf2-sha256$100000$AAECAwQFBgcICQoLDA0ODw$ohJQm/tkKCE568S36hQxGUpKEsaR4J25KBCqPmkrWbc";

  @ParameterizedTest
  @CsvSource({"grün, true", "grun, false", "gru\u0308n, false", "'', false", "Grün, false"})
  void itReadsWhatAnotherWrote(String password, boolean matches) {
    byte[] bytes = password.getBytes(StandardCharsets.UTF_8);

    assertThat(new Pbkdf2().knows(HASH)).isTrue();
    assertThat(new Pbkdf2().matches(bytes, HASH)).isEqualTo(matches);
  }
}
