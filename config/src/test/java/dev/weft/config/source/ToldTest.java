package dev.weft.config.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ToldTest {

  private static final List<ConfigDocument> OLD = text("old");
  private static final List<ConfigDocument> NEW = text("new");

  private final Told told = new Told();

  private static List<ConfigDocument> text(String text) {
    return List.of(new ConfigDocument("dir:a", "a/b.yaml", text));
  }

  private boolean read(List<ConfigDocument> documents) {
    told.reading();
    return told.news(documents);
  }

  @Test
  void otherTextsAreNews() {
    assertThat(read(OLD)).isTrue();
    assertThat(read(OLD)).isFalse();
    assertThat(read(NEW)).isTrue();
    assertThat(told.last()).isEqualTo(NEW);
  }

  @Test
  void whatIsReadAfterTheWritingIsNewsThoughItWasToldBefore() {
    read(NEW);
    told.written();

    assertThat(read(NEW)).isTrue();
    assertThat(read(NEW)).isFalse();
  }

  @Test
  void whatWasReadBeforeTheWritingIsNot() {
    read(NEW);
    told.reading();
    told.written();

    assertThat(told.news(NEW)).isFalse();
    assertThat(read(OLD)).isTrue();
  }

  @Test
  void aReadingThatFailsLeavesItForTheNext() {
    read(NEW);
    told.written();
    told.reading();

    assertThat(read(NEW)).isTrue();
  }
}
