package dev.weft.routing.exchange.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which {@code tracestate} goes on: W3C Trace Context, section 3.3, and its test suite's cases. */
final class TraceStateTest {

  private static String members(int count) {
    return IntStream.range(0, count).mapToObj(i -> "k" + i + "=v").collect(Collectors.joining(","));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=1",
        "a=1,b=2",
        "a=1 \t,\t b=2",
        "a=1,,b=2,",
        "",
        ",",
        "0a=1",
        "tenant@system=1",
        "a-_*/b=1",
        "a= 1 2~!",
        "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"
      })
  void whatTheRecommendationAllowsGoesOn(String text) {
    assertThat(TraceState.sound(List.of(text))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "=1",
        "a=",
        "a=  ",
        "a =1",
        "A=1",
        "_a=1",
        "@a=1",
        "a$=1",
        "a=b=c",
        "a=\u0007",
        "a=\u00e9",
        "a=1,a=2",
        "a=1;b=2=3"
      })
  void whatItForbidsDoesNot(String text) {
    assertThat(TraceState.sound(List.of(text))).isFalse();
  }

  @Test
  void thereAreAtMostThirtyTwoMembersInAllHeaders() {
    assertThat(TraceState.sound(List.of(members(32)))).isTrue();
    assertThat(TraceState.sound(List.of(members(33)))).isFalse();
    assertThat(TraceState.sound(List.of(members(32), "more=1"))).isFalse();
    assertThat(TraceState.sound(List.of("a=1", "b=2"))).isTrue();
    assertThat(TraceState.sound(List.of("a=1", "a=2"))).as("one key twice").isFalse();
  }

  @Test
  void keysAndValuesHaveTwoHundredAndFiftySixSignsAtMost() {
    String long256 = "a".repeat(256);

    assertThat(TraceState.sound(List.of(long256 + "=" + long256))).as("513 signs").isTrue();
    assertThat(TraceState.sound(List.of(long256 + "a=1"))).isFalse();
    assertThat(TraceState.sound(List.of("a=" + long256 + "a"))).isFalse();
  }
}
