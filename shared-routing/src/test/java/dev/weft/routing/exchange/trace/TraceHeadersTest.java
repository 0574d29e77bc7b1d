package dev.weft.routing.exchange.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.trace.Arrived.Decision;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What headers of traces say, in each of their formats, and what they are when they go on. */
final class TraceHeadersTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String SOUND = "00-" + TRACE + "-" + SPAN + "-01";

  static MultiMap headers(String... pairs) {
    MultiMap headers = HttpHeaders.headers();
    for (int i = 0; i < pairs.length; i += 2) {
      headers.add(pairs[i], pairs[i + 1]);
    }
    return headers;
  }

  private static Arrived read(String... pairs) {
    return TraceHeaders.read(headers(pairs));
  }

  private static TraceContext context(Arrived arrived) {
    return new TraceContext(
        arrived.high(), arrived.low(), arrived.parent(), 0xabc, arrived.flags(), arrived.formats());
  }

  private static String told(MultiMap headers) {
    return headers.entries().stream()
        .map(one -> one.getKey() + "=" + one.getValue())
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private static String passedOn(String... pairs) {
    Arrived arrived = read(pairs);
    MultiMap out = headers();
    context(arrived).tell(out, 0xdef);
    return told(out);
  }

  @Test
  void aTraceparentIsRead() {
    Arrived arrived = read("traceparent", SOUND);

    assertThat(context(arrived).traceId()).isEqualTo(TRACE);
    assertThat(TraceContext.spanId(arrived.parent())).isEqualTo(SPAN);
    assertThat(arrived.decision()).isEqualTo(Decision.SAMPLED);
    assertThat(read("traceparent", "00-" + TRACE + "-" + SPAN + "-00").decision())
        .isEqualTo(Decision.NOT_SAMPLED);
  }

  @ParameterizedTest
  @CsvSource({
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff, SAMPLED",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02, NOT_SAMPLED",
    "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, SAMPLED",
    "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-has, SAMPLED",
    "00-00000000000000000000000000000001-0000000000000001-01, SAMPLED"
  })
  void whatTheSpecificationAllowsIsRead(String text, Decision decision) {
    assertThat(read("traceparent", text).decision()).isEqualTo(decision);
    assertThat(read("traceparent", text).broken()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01"
      })
  void whatItForbidsCountsAsNotThere(String text) {
    Arrived arrived = read("traceparent", text, "tracestate", "a=1");

    assertThat(arrived.known()).isFalse();
    assertThat(arrived.broken()).isTrue();
    assertThat(arrived.decision()).isEqualTo(Decision.DEFERRED);
  }

  @Test
  void soDoTwoOfThem() {
    assertThat(read("traceparent", SOUND, "traceparent", SOUND).known()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1, SAMPLED, 1",
    "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0, NOT_SAMPLED, 0",
    "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-d, SAMPLED, 5",
    "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7, DEFERRED, 0",
    "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1-05e3ac9a4f6e3b90, SAMPLED, 1",
    "a3ce929d0e0e4736-00f067aa0ba902b7-1, SAMPLED, 1",
    "A3CE929D0E0E4736-00F067AA0BA902B7-1, SAMPLED, 1"
  })
  void aSingleHeaderOfB3IsRead(String text, Decision decision, int flags) {
    Arrived arrived = read("b3", text);

    assertThat(arrived.known()).isTrue();
    assertThat(arrived.decision()).isEqualTo(decision);
    assertThat(arrived.flags()).isEqualTo(flags);
    assertThat(TraceContext.spanId(arrived.parent())).isEqualTo(SPAN);
  }

  @Test
  void itMayBeADecisionAlone() {
    assertThat(read("b3", "0").decision()).isEqualTo(Decision.NOT_SAMPLED);
    assertThat(read("b3", "d").flags()).isEqualTo(TraceContext.SAMPLED | TraceContext.DEBUG);
    assertThat(read("b3", "1").known()).isFalse();
    assertThat(read("x-b3-sampled", "0").decision()).isEqualTo(Decision.NOT_SAMPLED);
    assertThat(read("x-b3-flags", "1").decision()).isEqualTo(Decision.SAMPLED);
    assertThat(read("x-b3-sampled", "1").known()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2",
        "x",
        "-",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-2",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1-05e3",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7x1",
        "4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-1",
        "00000000000000000000000000000000-0000000000000000-1",
        "4bf92f3577b34da6a3ce929d0e0e47-00f067aa0ba902b7-1",
        "4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-1"
      })
  void whatIsNoneCountsAsNotThere(String text) {
    assertThat(read("b3", text).known()).isFalse();
    assertThat(read("b3", text).broken()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "x-b3-sampled, 1, SAMPLED",
    "x-b3-sampled, true, SAMPLED",
    "x-b3-sampled, 0, NOT_SAMPLED",
    "x-b3-sampled, false, NOT_SAMPLED",
    "x-b3-sampled, d, DEFERRED",
    "x-b3-flags, 1, SAMPLED",
    "x-b3-flags, 0, DEFERRED",
    "x-other, 1, DEFERRED"
  })
  void severalHeadersOfB3AreRead(String name, String value, Decision decision) {
    Arrived arrived = read("x-b3-traceid", TRACE, "x-b3-spanid", SPAN, name, value);

    assertThat(context(arrived).traceId()).isEqualTo(TRACE);
    assertThat(arrived.decision()).isEqualTo(decision);
  }

  @Test
  void withoutASpanTheyCountAsNotThere() {
    assertThat(read("x-b3-traceid", TRACE).broken()).isTrue();
    assertThat(read("x-b3-traceid", TRACE, "x-b3-spanid", "12").known()).isFalse();
    assertThat(read("x-b3-traceid", "12", "x-b3-spanid", SPAN).known()).isFalse();
    assertThat(read("x-b3-traceid", "0".repeat(32), "x-b3-spanid", SPAN).known()).isFalse();
  }

  @Test
  void ofSeveralFormatsW3cCountsFirstAndAllArePassedOn() {
    String other = "0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-0";
    Arrived arrived = read("traceparent", SOUND, "b3", other);

    assertThat(context(arrived).traceId()).isEqualTo(TRACE);
    assertThat(arrived.decision()).isEqualTo(Decision.SAMPLED);
    assertThat(passedOn("traceparent", SOUND, "b3", other))
        .isEqualTo(
            "b3=" + TRACE + "-0000000000000def-1 traceparent=00-" + TRACE + "-0000000000000def-01");
  }

  @Test
  void aFormatThatIsBrokenDoesNotHideOneThatIsSound() {
    Arrived arrived = read("traceparent", "00-nothing", "b3", TRACE + "-" + SPAN + "-0");

    assertThat(context(arrived).traceId()).isEqualTo(TRACE);
    assertThat(arrived.broken()).isTrue();
  }

  @Test
  void eachIsPassedOnAsItCame() {
    assertThat(passedOn("traceparent", "00-" + TRACE + "-" + SPAN + "-03"))
        .isEqualTo("traceparent=00-" + TRACE + "-0000000000000def-03");
    assertThat(passedOn("b3", TRACE + "-" + SPAN + "-d"))
        .isEqualTo("b3=" + TRACE + "-0000000000000def-d");
    assertThat(passedOn("b3", "a3ce929d0e0e4736-" + SPAN + "-0"))
        .as("64 bits stay 64")
        .isEqualTo("b3=a3ce929d0e0e4736-0000000000000def-0");
    assertThat(passedOn("x-b3-traceid", TRACE, "x-b3-spanid", SPAN, "x-b3-sampled", "1"))
        .isEqualTo(
            "x-b3-parentspanid=0000000000000abc x-b3-sampled=1 x-b3-spanid=0000000000000def"
                + " x-b3-traceid="
                + TRACE);
    assertThat(passedOn("x-b3-traceid", TRACE, "x-b3-spanid", SPAN, "x-b3-flags", "1"))
        .contains("x-b3-flags=1")
        .doesNotContain("x-b3-sampled");
  }

  @Test
  void tracestateFallsWithItsTraceparentAlone() {
    MultiMap lost = headers("tracestate", "a=1", "b3", "x", "x-b3-flags", "1", "x-other", "1");
    MultiMap kept = headers("traceparent", SOUND, "tracestate", "a=1", "b3", "x");

    TraceHeaders.clear(lost, 0);
    TraceHeaders.clear(kept, TraceContext.W3C);

    assertThat(told(lost)).isEqualTo("x-other=1");
    assertThat(told(kept)).isEqualTo("traceparent=" + SOUND + " tracestate=a=1");
  }
}
