package dev.weft.config.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ValuesTest {

  /** {@code GET http://shop.test/find}, answered with 200, of somebody with a header x-tier. */
  private static final Facts REQUEST =
      new Facts() {
        @Override
        public OptionalDouble number(Attribute attribute) {
          return attribute == Attribute.RESPONSE_CODE
              ? OptionalDouble.of(200)
              : OptionalDouble.empty();
        }

        @Override
        public Optional<String> text(Attribute attribute) {
          return switch (attribute) {
            case REQUEST_HOST -> Optional.of("shop.test");
            case REQUEST_METHOD -> Optional.of("GET");
            default -> Optional.empty();
          };
        }

        @Override
        public Optional<Boolean> truth(Attribute attribute) {
          return attribute == Attribute.CONNECTION_MTLS ? Optional.of(false) : Optional.empty();
        }

        @Override
        public Optional<String> header(Attribute attribute, String name) {
          return name.equals("x-tier") ? Optional.of("gold") : Optional.empty();
        }

        @Override
        public double drawn() {
          return 0;
        }
      };

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "request.host; shop.test",
        "'prod'; prod",
        "7; 7",
        "response.code; 200",
        "string(response.code); 200",
        "(request.method); GET",
        "connection.mtls; false",
        "request.headers['X-Tier']; gold",
        "request.method == 'GET' ? 'read' : 'write'; read",
        "request.method == 'PUT' || response.code >= 300 ? 'a' : request.host; shop.test",
        "has(request.path) ? request.path : 'none'; none",
        "response.code < 300 ? 'good' : response.code < 500 ? 'theirs' : 'ours'; good",
        "!(response.code < 300) ? 'bad' : (request.headers['x-tier'] in ['gold', 'silver'] ? 'paid' : 'free'); paid",
      })
  void aValueIsATextOfTheRequest(String expression, String expected) throws Unreadable {
    assertThat(Values.of(expression).of(REQUEST)).contains(expected);
  }

  @Test
  void whatIsNotThereIsNoValueAndOnlyTextsAreFixed() throws Unreadable {
    assertThat(Values.of("request.path").of(REQUEST)).isEmpty();
    assertThat(Values.of("request.headers['no']").of(REQUEST)).isEmpty();
    assertThat(Values.of("'x'").fixed()).contains("x");
    assertThat(Values.of("request.host").fixed()).isEmpty();
  }

  @Test
  void theHeadersThatAreAskedAreTold() throws Unreadable {
    List<String> names = new ArrayList<>();

    Values.of("request.headers['A'] == 'x' ? response.headers['b'] : request.headers['c']")
        .headers((where, name) -> names.add(where.word() + " " + name));

    assertThat(names)
        .containsExactly("request.headers a", "response.headers b", "request.headers c");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "request.nothing",
        "request.host ==",
        "request.host == 'a' ? 'b'",
        "request.host == 'a' ? 'b' :",
        "'a' 'b'",
        "string('a'",
        "request.headers",
        "request.duration",
        "upstream_peer.name",
        "true ? 'a' : 'b'",
      })
  void whatIsNoValueIsToldWithItsPlace(String expression) {
    assertThatThrownBy(() -> Values.of(expression))
        .isInstanceOfSatisfying(
            Unreadable.class,
            fault -> {
              assertThat(fault.column()).isBetween(1, expression.length() + 1);
              assertThat(fault.told()).contains("expected: ").contains(" at column ");
              assertThat(fault.hint()).isNotEmpty();
            });
  }

  @Test
  void whatIsDeepOrLongIsRefusedAtOnce() {
    assertThatThrownBy(() -> Values.of("(".repeat(2000) + "'a'" + ")".repeat(2000)))
        .isInstanceOf(Unreadable.class)
        .hasMessageContaining("in one another");
    assertThatThrownBy(() -> Values.of("response.code < 3 ? 'a' : ".repeat(100) + "'b'"))
        .isInstanceOf(Unreadable.class)
        .hasMessageContaining("in one another");
    assertThatThrownBy(() -> Values.of("'" + "a".repeat(5000) + "'"))
        .isInstanceOf(Unreadable.class)
        .hasMessageContaining("longer than 4096");
  }
}
