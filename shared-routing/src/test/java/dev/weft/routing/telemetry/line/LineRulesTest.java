package dev.weft.routing.telemetry.line;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.logging.Operator;
import dev.weft.config.model.settings.Log;
import dev.weft.config.model.settings.Log.Access;
import dev.weft.config.model.settings.Log.Side;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is compiled of a log's settings, and what becomes of hostile values. */
final class LineRulesTest {

  private static final Instant WHEN = Instant.parse("2026-01-05T15:04:09.123456789Z");

  /** One request whose every value is the same. */
  private static Lined all(String value) {
    return new At() {
      @Override
      public Optional<String> value(Operator operator) {
        return Optional.of(value);
      }

      @Override
      public Optional<String> request(String name) {
        return Optional.of(value);
      }
    };
  }

  private interface At extends Lined {
    @Override
    default Instant came() {
      return WHEN;
    }
  }

  private static LineRules text(String format) {
    return new LineRules(
        new Log(Access.TEXT, "", List.of("cookie"), format, Map.of(), Side.ALL, Side.ALL),
        Map.of("POD", "search-1", "EMPTY", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "plain | plain | plain",
        "a b | a\\x20b | a b",
        "a\" 200 - | a\\x22\\x20200\\x20- | a\\x22 200 -",
        "back\\slash | back\\x5Cslash | back\\x5Cslash",
        "\u00e9 | \\xC3\\xA9 | \\xC3\\xA9",
        "\ud83d\ude00 | \\xF0\\x9F\\x98\\x80 | \\xF0\\x9F\\x98\\x80",
      })
  void aValueStaysInItsColumnAndItsQuotes(String value, String bare, String quoted) {
    assertThat(text("%REQ(A)% \"%REQ(A)%\" %DURATION%").line(all(value)))
        .isEqualTo(bare + " \"" + quoted + "\" " + bare);
  }

  @Test
  void nothingEndsALineOrSteersATerminal() {
    StringBuilder every = new StringBuilder();
    for (char c = 0; c < 0x300; c++) {
      every.append(c);
    }
    every.append("\u2028\u2029\u202e\ufeff\ud800");

    String line = text("").line(all(every.toString()));

    assertThat(line).matches("[ -~]*");
    assertThat(line.chars().filter(c -> c == '"').count()).as("those of the format").isEqualTo(14);
  }

  @Test
  void whatIsNotThereIsADashAndAlternativesCount() {
    LineRules rules =
        text(
            "%REQ(A)% %REQ(A?B)% %RESP(C)% %ENVIRONMENT(POD)% %ENVIRONMENT(EMPTY)%"
                + " %ENVIRONMENT(NONE)% %ENVIRONMENT(POD):4%");
    Lined some =
        new At() {
          @Override
          public Optional<String> request(String name) {
            return name.equals("b") ? Optional.of("other") : Optional.empty();
          }
        };

    assertThat(rules.line(some)).isEqualTo("- other - search-1 - - sear");
    assertThat(rules.request()).containsExactly("a", "b");
    assertThat(rules.response()).containsExactly("c");
  }

  @Test
  void aTimeIsWrittenAsItsFormatSays() {
    assertThat(
            text("%START_TIME(%H:%M %6f)% \"%START_TIME(%H:%M %6f)%\" %START_TIME%").line(all("x")))
        .isEqualTo("15:04 123456 \"15:04 123456\" x");
  }

  @Test
  void whatOthersThanEnvoysOwnNeedIsToldToo() {
    LineRules rules =
        text(
            "%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH):6% %TRAILER(GRPC-MESSAGE?X-END)%"
                + " %GRPC_STATUS% %GRPC_STATUS(SNAKE_STRING)% %GRPC_STATUS(NUMBER)%"
                + " %DYNAMIC_METADATA(com.acme:key)%");
    Lined call =
        new At() {
          @Override
          public Optional<String> value(Operator operator) {
            return operator == Operator.GRPC_STATUS_NUMBER ? Optional.of("7") : Optional.empty();
          }

          @Override
          public Optional<String> request(String name) {
            return name.equals(":path") ? Optional.of("/find?q=secret") : Optional.empty();
          }

          @Override
          public Optional<String> trailer(String name) {
            return name.equals("x-end") ? Optional.of("whole") : Optional.empty();
          }
        };

    assertThat(rules.line(call)).isEqualTo("/find whole PermissionDenied PERMISSION_DENIED 7 -");
    assertThat(rules.trailers()).containsExactly("grpc-message", "x-end");
    assertThat(rules.request()).containsExactly("x-envoy-original-path");
  }

  @Test
  void aLocalTimeIsInTheZoneOfTheProxy() {
    String zone = DateTimeFormatter.ofPattern("xx").withZone(ZoneId.systemDefault()).format(WHEN);

    assertThat(text("%START_TIME_LOCAL% \"%START_TIME_LOCAL(%s %z)%\"").line(all("x")))
        .matches("2026-01-0[456]T[0-9:]{8}\\.123[+-][0-9]{4} \"1767625449 [+-][0-9]{4}\"")
        .contains("123" + zone, "1767625449 " + zone);
  }

  @Test
  void theHostIsCalledAsItsKernelSays() throws Exception {
    Path kernel = Path.of("/proc/sys/kernel/hostname");
    String called = Files.exists(kernel) ? Files.readString(kernel).strip() : "-";

    assertThat(text("%HOSTNAME%").line(all("x"))).isEqualTo(called);
  }

  @Test
  void headersOfFiltersAreTakenAlongToo() {
    LineRules rules =
        new LineRules(
            new Log(
                Access.JSON,
                "request.headers['x-a'] == '1'",
                List.of(),
                "",
                Map.of("b", "%REQ(X-B)%"),
                new Side(true, "response.headers['x-c'] == '1'"),
                Side.NONE),
            Map.of());

    assertThat(rules.request()).containsExactly("x-a", "x-b");
    assertThat(rules.response()).containsExactly("x-c");
    assertThat(rules.text()).isFalse();
    assertThat(rules.on(false)).isTrue();
    assertThat(rules.on(true)).isFalse();
    assertThat(rules.labels(all("\"x\ny"))).containsExactly(Map.entry("b", "\"x\ny"));
  }

  @Test
  void secretsAreNotTakenAlong() {
    Taken taken =
        Taken.of(
            List.of("cookie", "x-a", "authorization"),
            Set.of("cookie", "authorization"),
            name -> name.equals("authorization") ? null : "secret of " + name);

    assertThat(taken.value("cookie")).contains("[redacted]");
    assertThat(taken.value("x-a")).contains("secret of x-a");
    assertThat(taken.value("authorization")).isEmpty();
    assertThat(taken.value("x-b")).isEmpty();
    assertThat(Taken.of(List.of(), Set.of(), name -> "x")).isSameAs(Taken.NOTHING);
  }
}
