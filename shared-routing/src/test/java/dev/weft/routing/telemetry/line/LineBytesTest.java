package dev.weft.routing.telemetry.line;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class LineBytesTest {

  private static String json(Consumer<LineBytes> fields) {
    LineBytes line = new LineBytes(1);
    line.open();
    fields.accept(line);
    line.close();
    return line.text();
  }

  @Test
  void everyKindOfValueIsJson() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("a\"b", "1");
    labels.put("ä", "");

    String text =
        json(
            line -> {
              line.time(LineField.TIME, 1_764_000_000_007L);
              line.field(LineField.METHOD, "GET");
              line.field(LineField.STATUS, 200);
              line.millis(LineField.DURATION_MS, 12_345_678);
              line.hex(LineField.SEED, 0x5eed5);
              line.hex(LineField.TRACE, -1, 1);
              line.address(LineField.SOURCE, "10.0.0.1", 50123);
              line.object(LineField.LABELS, labels.entrySet());
            });

    assertThat(text)
        .isEqualTo(
            "{\"time\":\"2025-11-24T16:00:00.007Z\",\"method\":\"GET\",\"status\":200,"
                + "\"duration_ms\":12.346,\"seed\":\"000000000005eed5\","
                + "\"trace\":\"ffffffffffffffff0000000000000001\","
                + "\"source\":\"10.0.0.1:50123\","
                + "\"labels\":{\"a\\\"b\":\"1\",\"\\u00e4\":\"\"}}");
  }

  @Test
  void nothingIsAnObjectToo() {
    assertThat(json(line -> {})).isEqualTo("{}");
    assertThat(json(line -> line.object(LineField.HEADERS, Map.<String, String>of().entrySet())))
        .isEqualTo("{\"headers\":{}}");
  }

  @Test
  void everyCharacterComesBackAndNoneStandsForItselfThatCouldSteer() {
    StringBuilder all = new StringBuilder();
    for (int each = 0; each <= Character.MAX_VALUE; each++) {
      all.append((char) each);
    }

    String text = json(line -> line.field(LineField.PATH, all.toString()));

    assertThat(text.chars().allMatch(each -> each >= ' ' && each < 127)).isTrue();
    assertThat(new JsonObject(text).getString("path")).isEqualTo(all.toString());
  }

  @Test
  void anyTextAfterAnyOtherComesBack() {
    Random random = new Random(7);
    LineBytes lines = new LineBytes(16);
    for (int round = 0; round < 1_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(60); i > 0; i--) {
        text.append((char) random.nextInt(random.nextInt(10) == 0 ? 0x10000 : 0x80));
      }
      lines.open();
      lines.field(LineField.PATH, text.toString());
      lines.close();
      assertThat(new JsonObject(lines.text()).getString("path")).isEqualTo(text.toString());
      lines.cut(0);
    }
  }

  @Test
  void numbersAreWrittenAsTheLibraryWouldWriteThem() {
    long[] numbers = {0, 9, 10, 99, 100, 1_234_567_890, Long.MAX_VALUE, -1, Long.MIN_VALUE};
    for (long number : numbers) {
      assertThat(json(line -> line.field(LineField.STATUS, number)))
          .isEqualTo(new JsonObject().put("status", number).encode());
    }
    for (long nanos :
        new long[] {0, 1, 499, 500, 999_499, 999_500, 1_000_000, 86_400_000_000_001L}) {
      BigDecimal millis = BigDecimal.valueOf(nanos, 6).setScale(3, RoundingMode.HALF_UP);
      assertThat(json(line -> line.millis(LineField.DURATION_MS, nanos)))
          .isEqualTo("{\"duration_ms\":" + millis + "}");
    }
  }

  @Test
  void aMomentIsTheSameWhetherItsSecondIsKnownOrNot() {
    LineBytes lines = new LineBytes(64);
    for (long moment : new long[] {0, 999, 1000, 59_999, 60_000, -1, 1_764_000_000_007L, 42}) {
      lines.open();
      lines.time(LineField.TIME, moment);
      lines.close();
      assertThat(new JsonObject(lines.text()).getString("time")).isEqualTo(LineTime.text(moment));
      lines.cut(0);
    }
  }

  @Test
  void whatIsNamedIsAskedForItsNameAgainOnlyWhenItIsAnother() {
    int[] asked = {0};
    Object named =
        new Object() {
          @Override
          public String toString() {
            asked[0]++;
            return "it";
          }
        };

    String text =
        json(
            line -> {
              line.named(LineField.CLUSTER, named);
              line.named(LineField.CLUSTER, named);
              line.named(LineField.CLUSTER, "-");
              line.named(LineField.CLUSTER, named);
            });

    assertThat(text)
        .isEqualTo("{\"cluster\":\"it\",\"cluster\":\"it\",\"cluster\":\"-\",\"cluster\":\"it\"}");
    assertThat(asked[0]).isEqualTo(2);
  }

  @Test
  void linesFollowOneAnotherAndOneThatBrokeIsCut() throws IOException {
    LineBytes lines = new LineBytes(4);
    lines.ascii("first");
    lines.end();
    int before = lines.size();
    lines.ascii("broken");
    lines.cut(before);
    lines.ascii("second");
    lines.end();

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    lines.writeTo(out);

    assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("first\nsecond\n");
  }
}
