package dev.weft.routing.telemetry.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told of spans, one after the other. */
final class SpanAttributesTest {

  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("method");
  private static final AttributeKey<Long> STATUS = AttributeKey.longKey("status");

  private final SpanAttributes.Gathering gathering = new SpanAttributes.Gathering();

  private static List<String> told(Attributes all) {
    List<String> told = new ArrayList<>();
    all.forEach((key, value) -> told.add(key.getType() + " " + key.getKey() + "=" + value));
    return told;
  }

  private Attributes first() {
    gathering.begun().accept("status", 200L);
    gathering.accept("method", "GET");
    return gathering.taken();
  }

  @Test
  void eachSpanHasItsOwn() {
    Attributes first = first();
    gathering.begun().accept("method", "PUT");
    Attributes second = gathering.taken();

    assertThat(told(first)).containsExactly("LONG status=200", "STRING method=GET");
    assertThat(told(second)).containsExactly("STRING method=PUT");
    assertThat(second.size()).isEqualTo(1);
    assertThat(gathering.begun().taken().isEmpty()).isTrue();
  }

  @Test
  void whatWasToldOfASpanThatNobodyTookIsGone() {
    gathering.begun().accept("status", 500L);

    assertThat(told(first())).containsExactly("LONG status=200", "STRING method=GET");
  }

  @Test
  void ofOneNameTheLastCounts() {
    gathering.begun().accept("status", 200L);
    gathering.accept("method", "GET");
    gathering.accept("status", "as a tag of configuration has it");

    assertThat(told(gathering.taken()))
        .containsExactly("STRING status=as a tag of configuration has it", "STRING method=GET");
  }

  @Test
  void moreThanThereIsRoomForHaveRoom() {
    gathering.begun();
    for (int i = 0; i < 100; i++) {
      gathering.accept("tag-" + i, (long) i);
    }

    Attributes all = gathering.taken();

    assertThat(all.size()).isEqualTo(100);
    assertThat(told(all)).startsWith("LONG tag-0=0").endsWith("LONG tag-99=99");
  }

  @Test
  void whoLooksOneUpFindsItAsWithOpenTelemetrysOwn() {
    Attributes own = Attributes.of(STATUS, 200L, METHOD, "GET");
    Attributes all = first();

    assertThat(all.get(STATUS)).isEqualTo(200L);
    assertThat(all.get(METHOD)).isEqualTo("GET");
    assertThat(all.get(AttributeKey.stringKey("status"))).isNull();
    assertThat(all.asMap()).isEqualTo(own.asMap());
    assertThat(all.toBuilder().build()).isEqualTo(own);
    assertThat(all).isEqualTo(first()).hasSameHashCodeAs(first()).isNotEqualTo(own);
    assertThat(all).hasToString(own.asMap().toString());
  }
}
