package dev.weft.config.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The part of CEL that filters are written in. */
final class FiltersTest {

  /** A GET of /find?q=1 that was answered 503 after 1.5 s, with one header and no gRPC. */
  private static final Facts FACTS =
      new Facts() {
        @Override
        public OptionalDouble number(Attribute attribute) {
          return switch (attribute) {
            case RESPONSE_CODE -> OptionalDouble.of(503);
            case REQUEST_DURATION, RESPONSE_DURATION -> OptionalDouble.of(1500);
            default -> OptionalDouble.empty();
          };
        }

        @Override
        public Optional<String> text(Attribute attribute) {
          return Optional.ofNullable(
              Map.of(Attribute.REQUEST_PATH, "/find?q=1", Attribute.REQUEST_METHOD, "GET")
                  .get(attribute));
        }

        @Override
        public Optional<Boolean> truth(Attribute attribute) {
          return attribute == Attribute.CONNECTION_MTLS ? Optional.of(true) : Optional.empty();
        }

        @Override
        public Optional<String> header(Attribute attribute, String name) {
          return attribute == Attribute.REQUEST_HEADERS && name.equals("x-tier")
              ? Optional.of("gold")
              : Optional.empty();
        }

        @Override
        public double drawn() {
          return 9.9;
        }
      };

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "response.code >= 500",
        "response.code==503&&request.method=='GET'",
        "response.code in [500, 503]",
        "response.duration > 1000",
        "request.duration >= duration('1.5s') && request.duration < duration('2000ms')",
        "response.code < 400 || response.duration > duration('1s')",
        "!(response.code < 400)",
        "!!connection.mtls",
        "connection.mtls == true && connection.mtls != false",
        "request.path.startsWith('/find') && request.path.endsWith(\"q=1\")",
        "request.path.contains('?')",
        "request.method in ['POST', 'GET']",
        "request.headers['X-Tier'] == 'gold'",
        "'x-tier' in request.headers && has(request.headers['x-tier'])",
        "request.headers['x-tier'].startsWith('go')",
        "sampled(10)",
        "response.code == 200 && sampled(0) || sampled(9.91)",
        "!has(request.id) && !has(response.grpc_status) && !has(trace.sampled)",
        "has(response.code) && has(connection.mtls) && has(request.path)",
      })
  void holds(String filter) throws Unreadable {
    assertThat(Filters.of(filter).holds(FACTS)).as(filter).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "response.code < 500",
        "response.code != 503",
        "response.code == 503 && request.method == 'POST'",
        "request.duration <= duration('1s')",
        "!connection.mtls",
        "trace.sampled",
        "trace.sampled == false",
        "response.grpc_status != 0",
        "request.id != 'x'",
        "request.headers['x-other'] != 'gold'",
        "request.headers['x-tier'] == 'GOLD'",
        "'x-tier' in response.headers",
        "sampled(9.9)",
      })
  void doesNotHoldOfWhatIsOtherwiseOrNotThere(String filter) throws Unreadable {
    assertThat(Filters.of(filter).holds(FACTS)).as(filter).isFalse();
  }

  @Test
  void andBindsTighterThanOr() throws Unreadable {
    assertThat(Filters.of("response.code == 503 || response.code == 1 && sampled(0)").holds(FACTS))
        .isTrue();
    assertThat(
            Filters.of("(response.code == 503 || response.code == 1) && sampled(0)").holds(FACTS))
        .isFalse();
  }

  @Test
  void tellsTheHeadersThatItAsksFor() throws Unreadable {
    List<String> asked = new ArrayList<>();

    Filters.of("request.headers['A'] == 'x' || !('B' in response.headers)")
        .headers((where, name) -> asked.add(where.word() + " " + name));

    assertThat(asked).containsExactly("request.headers a", "response.headers b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "response.code | the end (expected: a comparison) at column 14",
        "response.code >= 'x' | 'x' (expected: a number) at column 18",
        "response.code >= | the end (expected: a number) at column 17",
        "response.code >= -1 | '-' (expected: a number) at column 18",
        "response.cod > 1 | 'response.cod' (expected: an attribute) at column 1",
        "request.method > 'a' | > of a text (expected: == or !=) at column 16",
        "request.method == GET | 'GET' (expected: a text in quotes) at column 19",
        "request.path.matches('x') | 'request.path.matches' (expected: an attribute) at column 1",
        "request.headers == 'x' | '==' (expected: ['name']) at column 17",
        "request.duration > duration('1y') | '1y' (expected: a duration, e.g. '1.5s') at column 29",
        "connection.mtls == 1 | '1' (expected: true or false) at column 20",
        "sampled(101) | 101 percent (expected: 0 to 100) at column 9",
        "(response.code > 1 | the end (expected: ')') at column 19",
        "'a' in request.path | a name in request.path (expected: headers) at column 8",
        "request.path == 'a | a text without its end at column 17",
        "request.path == 'a\\n' | an escape other than \\\\, \\' and \\\" at column 19",
      })
  void whatIsWrongIsToldWithItsColumn(String filter, String told) {
    assertThat(fault(filter).told()).isEqualTo(told);
  }

  @Test
  void nothingFollowsWhatIsWhole() {
    assertThat(fault("sampled(1) sampled(1)").told())
        .isEqualTo("'sampled' (expected: the end, && or ||) at column 12");
  }

  @Test
  void filtersAreBounded() {
    assertThat(fault(" ".repeat(4096) + "sampled(1)").told()).startsWith("longer than 4096");
    assertThat(fault("(".repeat(1000)).told()).startsWith("more than 32 parentheses");
  }

  @Test
  void whatIsSupportedIsSaid() {
    assertThat(fault("request.time > 1").hint())
        .contains("sampled(PERCENT)", "response.code,", "request.duration");
  }

  private static Unreadable fault(String text) {
    return catchThrowableOfType(Unreadable.class, () -> Filters.of(text));
  }
}
