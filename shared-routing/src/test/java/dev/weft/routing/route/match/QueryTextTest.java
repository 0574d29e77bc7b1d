package dev.weft.routing.route.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a query may be shown. */
final class QueryTextTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "token=a | token=REDACTED",
        "a=1&token=b&c=2&token=d | a=1&token=REDACTED&c=2&token=REDACTED",
        "Token=a&%74oken=b | Token=REDACTED&%74oken=REDACTED",
        "token=a=b%26c | token=REDACTED",
        "token&a=token&tokens=1&=token | token&a=token&tokens=1&=token",
        "%zz=1&&token= | %zz=1&&token=REDACTED"
      })
  void valuesOfSecretsAreNot(String query, String shown) {
    assertThat(QueryText.shown(query, Set.of("token"))).isEqualTo(shown);
  }
}
