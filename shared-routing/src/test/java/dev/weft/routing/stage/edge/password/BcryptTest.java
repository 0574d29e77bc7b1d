package dev.weft.routing.stage.edge.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BcryptTest {

  /** By the system's crypt(3). */
  private static final String SECRET = "abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

  private final Bcrypt bcrypt = new Bcrypt();

  @ParameterizedTest
  @CsvSource({
    "$2a$04$, secret, true",
    "$2b$04$, secret, true",
    "$2y$04$, secret, true",
    "$2y$04$, Secret, false",
    "$2y$04$, 'secret ', false",
    "$2y$04$, '', false",
    "$2y$05$, secret, false",
  })
  void itReadsWhatCryptWrote(String kind, String password, boolean matches) {
    byte[] bytes = password.getBytes(StandardCharsets.UTF_8);

    assertThat(bcrypt.knows(kind + SECRET)).isTrue();
    assertThat(bcrypt.matches(bytes, kind + SECRET)).isEqualTo(matches);
  }

  /** Of the tests that OpenBSD's implementation and its ports share. */
  @ParameterizedTest
  @CsvSource({
    "'', $2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.",
    "a, $2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
    "abc, $2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
  })
  void itReadsTheKnownOnes(String password, String hash) {
    assertThat(bcrypt.matches(password.getBytes(StandardCharsets.UTF_8), hash)).isTrue();
  }

  @Test
  void itAgreesWithAnotherImplementation() {
    Random random = new Random(8);
    for (int i = 0; i < 60; i++) {
      byte[] password = new byte[i + 13];
      random.nextBytes(password);
      byte[] salt = new byte[16];
      random.nextBytes(salt);
      byte[] other = password.clone();
      other[random.nextInt(Math.min(other.length, 72))] ^= (byte) (1 << random.nextInt(8));

      byte[] read = Arrays.copyOf(password, Math.min(password.length, 72));
      String hash = OpenBSDBCrypt.generate(kind(i), read, salt, 4 + i % 2);

      assertThat(bcrypt.matches(password, hash)).as("%d bytes", password.length).isTrue();
      assertThat(bcrypt.matches(other, hash)).isFalse();
    }
  }

  private static String kind(int i) {
    return i % 3 == 0 ? "2a" : i % 3 == 1 ? "2b" : "2y";
  }

  @ParameterizedTest
  @CsvSource({"$2x$04$", "$apr1$", "$6$", "{SHA}", "$2$04$", "''"})
  void itKnowsNoOther(String kind) {
    assertThat(bcrypt.knows(kind + SECRET)).isFalse();
  }

  @Test
  void whatIsDamagedIsNoHash() {
    String damaged = "$2y$04$" + SECRET.replace('r', '*');

    assertThatThrownBy(() -> bcrypt.matches(new byte[1], damaged))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
