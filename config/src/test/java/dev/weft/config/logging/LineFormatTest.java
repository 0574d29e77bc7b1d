package dev.weft.config.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weft.config.logging.LineFormat.Field;
import dev.weft.config.logging.LineFormat.Literal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A format is read once, and what is wrong with it is told with its column. */
final class LineFormatTest {

  @Test
  void istiosIsReadAsItIsWritten() throws Unreadable {
    LineFormat format = LineFormat.of(LineFormat.ISTIO + "\n");

    assertThat(format.parts())
        .startsWith(
            new Literal("["),
            new Field(Operator.START_TIME, "", "", Integer.MAX_VALUE, false),
            new Literal("] \""),
            new Field(Operator.REQ, ":method", "", Integer.MAX_VALUE, true),
            new Literal(" "),
            new Field(Operator.REQ, "x-envoy-original-path", ":path", Integer.MAX_VALUE, true));
    assertThat(format.parts().stream().filter(Field.class::isInstance)).hasSize(24);
  }

  @Test
  void aLengthAnAlternativeAndThePercentSignItself() throws Unreadable {
    assertThat(LineFormat.of("100%% %RESP(A?B):7% %ENVIRONMENT(Pod_Name)%").parts())
        .containsExactly(
            new Literal("100% "),
            new Field(Operator.RESP, "a", "b", 7, false),
            new Literal(" "),
            new Field(Operator.ENVIRONMENT, "Pod_Name", "", Integer.MAX_VALUE, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a %REQ | a % without its end at column 3",
        "%NOTHING% | no operator 'NOTHING' at column 1",
        "%req(a)% | no operator 'req(a)' at column 1",
        "ab %REQ% | REQ without a name at column 4",
        "%DURATION(a)% | DURATION with 'a' at column 1",
        "%REQ(a b)% | 'a b' (expected: a name) at column 1",
        "%TRAILER% | TRAILER without a name at column 1",
        "%DYNAMIC_METADATA% | DYNAMIC_METADATA without a name at column 1",
        "%DYNAMIC_METADATA(a b)% | 'a b' (expected: NAMESPACE:KEY) at column 1",
        "%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:sub)% | DYNAMIC_METADATA of"
            + " 'envoy.filters.http.jwt_authn:sub', which filters of Envoy and Istio set and Weft"
            + " does not at column 1",
        "x %FILTER_STATE(wasm.upstream_peer:PLAIN)% | FILTER_STATE of 'wasm.upstream_peer:PLAIN',"
            + " which filters of Envoy and Istio set and Weft does not at column 3",
        "%UPSTREAM_METADATA(istio:workload)% | UPSTREAM_METADATA of 'istio:workload', which"
            + " filters of Envoy and Istio set and Weft does not at column 1",
        "%GRPC_STATUS(LOUD)% | GRPC_STATUS with 'LOUD' at column 1",
        "%HOSTNAME(a)% | HOSTNAME with 'a' at column 1",
        "%METADATA(CLUSTER:istio:services)% | no operator 'METADATA(CLUSTER:istio:services)' at"
            + " column 1",
        "%LOCAL_REPLY_BODY% | no operator 'LOCAL_REPLY_BODY' at column 1",
        "x %START_TIME(%Y-%q)% | START_TIME with a specifier that strftime does not have, or Weft"
            + " at column 3",
        "%REQ(a% | no operator 'REQ(a' at column 1",
        "%REQ(a):0% | a length of 0 (expected: 1 to 99999) at column 1",
        "%REQ(a)x% | no operator 'REQ(a)x' at column 1",
      })
  void whatIsWrongIsToldWithItsColumn(String text, String told) {
    assertThat(fault(text).told()).isEqualTo(told);
  }

  @Test
  void timesAreWrittenAsStrftimeDoes() throws Unreadable {
    Instant at = Instant.parse("2026-01-05T15:04:09.123456789Z");

    assertThat(TimeFormat.of("%Y/%m/%dT%H:%M:%S.%3fZ%z", 0, ZoneOffset.UTC).format(at))
        .isEqualTo("2026/01/05T15:04:09.123Z+0000");
    assertThat(TimeFormat.of("%s.%6f %f", 0, ZoneOffset.UTC).format(at))
        .isEqualTo("1767625449.123456 123456789");
    assertThat(
            TimeFormat.of("%a, %d %b %y %e %j %I%p %Z 100%% '%B' %A", 0, ZoneOffset.UTC).format(at))
        .isEqualTo("Mon, 05 Jan 26  5 005 03PM UTC 100% 'January' Monday");
    assertThat(TimeFormat.of("%F %T %R %D", 0, ZoneOffset.UTC).format(at))
        .isEqualTo("2026-01-05 15:04:09 15:04 01/05/26");
  }

  @Test
  void aTimeZoneIsToldAsItIs() throws Unreadable {
    Instant at = Instant.parse("2026-07-05T15:04:09.123Z");

    assertThat(TimeFormat.of(TimeFormat.LOCAL, 0, ZoneId.of("Asia/Kolkata")).format(at))
        .isEqualTo("2026-07-05T20:34:09.123+0530");
    assertThat(TimeFormat.of("%H %z %Z", 0, ZoneId.of("Europe/Berlin")).format(at))
        .isEqualTo("17 +0200 CEST");
  }

  @Test
  void whatCanHaveNoValueIsReadAndToldSo() throws Unreadable {
    LineFormat format =
        LineFormat.of(
            "%DYNAMIC_METADATA(com.acme:key:inner):20% %FILTER_STATE(acme.state:PLAIN)%"
                + " %CLUSTER_METADATA(com.acme)% %DURATION% %UPSTREAM_LOCAL_ADDRESS%");

    assertThat(format.parts())
        .contains(new Field(Operator.DYNAMIC_METADATA, "com.acme:key:inner", "", 20, false));
    assertThat(Untold.of(format))
        .containsExactly(
            "%DYNAMIC_METADATA(com.acme:key:inner)% is always '-': there is no filter here that"
                + " sets it",
            "%FILTER_STATE(acme.state:PLAIN)% is always '-': there is no filter here that sets it",
            "%CLUSTER_METADATA(com.acme)% is always '-': there is no filter here that sets it",
            "%UPSTREAM_LOCAL_ADDRESS% is always '-': it is not known here");
    assertThat(Untold.of(LineFormat.of("%DURATION% %REQ(A)%"))).isEmpty();
  }

  @Test
  void aStatusOfGrpcHasThreeForms() throws Unreadable {
    assertThat(LineFormat.of("%GRPC_STATUS%").parts())
        .containsExactly(
            new Field(Operator.GRPC_STATUS, "CAMEL_STRING", "", Integer.MAX_VALUE, false));
    assertThat(GrpcStatuses.written(GrpcStatuses.CAMEL, "3")).isEqualTo("InvalidArgument");
    assertThat(GrpcStatuses.written(GrpcStatuses.SNAKE, "1")).isEqualTo("CANCELLED");
    assertThat(GrpcStatuses.written(GrpcStatuses.NUMBER, "16")).isEqualTo("16");
    assertThat(GrpcStatuses.written(GrpcStatuses.CAMEL, "16")).isEqualTo("Unauthenticated");
    assertThat(GrpcStatuses.written(GrpcStatuses.CAMEL, "99")).isEqualTo("99");
  }

  @Test
  void aTimesFormatStandsInItsParentheses() throws Unreadable {
    assertThat(LineFormat.of("[%START_TIME(%Y-%m-%dT%H)%] %DURATION%").parts())
        .containsExactly(
            new Literal("["),
            new Field(Operator.START_TIME, "%Y-%m-%dT%H", "", Integer.MAX_VALUE, false),
            new Literal("] "),
            new Field(Operator.DURATION, "", "", Integer.MAX_VALUE, false));
  }

  @Test
  void noFormatBreaksALineOrLeavesAscii() {
    assertThat(fault("a\nb").told())
        .isEqualTo("character 0xa (expected: printable ASCII) at column 2");
    assertThat(fault("\u001b[2J").column()).isEqualTo(1);
    assertThat(fault("é").column()).isEqualTo(1);
    assertThat(fault("x %START_TIME(%Y\n)%").told())
        .isEqualTo("character 0xa (expected: printable ASCII) at column 3");
  }

  @Test
  void formatsAreBounded() {
    assertThat(fault("x".repeat(8193)).told()).startsWith("longer than 8192 characters");
    assertThat(fault("%DURATION%".repeat(201)).told()).startsWith("more than 200 pieces");
  }

  private static Unreadable fault(String text) {
    return catchThrowableOfType(Unreadable.class, () -> LineFormat.of(text));
  }
}
