package dev.weft.config.istio;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {

  private static final Pattern PLAIN =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}(/\\d{1,2})?|[0-9a-f:.]*:[0-9a-f:.]*(/\\d{1,3})?");
  private static final String LETTERS = "019af:./g-";

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "10.0.0.0/8", "::", "fd00::1", "fd00::/8", "::ffff:10.0.0.1"})
  void takesAddressesAndTheirRanges(String address) {
    assertThat(HostNames.address(address)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10.0.0", "10.0.0.1.2", "reviews", "fd00", "fd00::/", "g::1"})
  void takesNothingElseForAnAddress(String name) {
    assertThat(HostNames.address(name)).isFalse();
  }

  @Test
  void findsTheAddressesThatAPlainExpressionFinds() {
    Random random = new Random(25);
    int found = 0;

    for (int i = 0; i < 200_000; i++) {
      String text =
          random
              .ints(random.nextInt(9), 0, LETTERS.length())
              .mapToObj(at -> LETTERS.substring(at, at + 1))
              .reduce("", String::concat);
      assertThat(HostNames.address(text)).as(text).isEqualTo(PLAIN.matches(text));
      found += HostNames.address(text) ? 1 : 0;
    }

    assertThat(found).isGreaterThan(1_000);
  }

  @Test
  void aLongNameTakesNoLongerThanItsLength() {
    assertThat(HostNames.address(":".repeat(1_000_000) + "x")).isFalse();
    assertThat(HostNames.address("a".repeat(1_000_000))).isFalse();
  }
}
