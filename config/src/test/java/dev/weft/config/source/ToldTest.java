package dev.weft.config.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ToldTest {

  private static final List<ConfigDocument> OLD = text("old");
  private static final List<ConfigDocument> NEW = text("new");

  private final Told told = new Told();
  private final List<List<ConfigDocument>> heard = new ArrayList<>();

  private static List<ConfigDocument> text(String text) {
    return List.of(new ConfigDocument("dir:a", "a/b.yaml", text));
  }

  /** Whether it stands as it was read. */
  private boolean read(List<ConfigDocument> documents) {
    told.reading();
    return told.tell(documents, heard::add);
  }

  private void write(List<ConfigDocument> documents) {
    told.writing();
    told.written(documents);
  }

  @Test
  void otherTextsAreNews() {
    read(OLD);
    read(OLD);
    read(NEW);

    assertThat(heard).containsExactly(OLD, NEW);
    assertThat(told.last()).isEqualTo(NEW);
  }

  @Test
  void whatWasWrittenIsNoNewsAndWhatWasToldBeforeItIs() {
    read(NEW);
    write(OLD);
    read(OLD);
    read(NEW);

    assertThat(heard).containsExactly(NEW, NEW);
  }

  @Test
  void aReadingThatAWritingCrossesIsReadOnceMore() {
    read(NEW);
    told.reading();
    write(OLD);

    assertThat(told.tell(NEW, heard::add)).as("of before").isFalse();
    assertThat(read(OLD)).isTrue();
    assertThat(heard).containsExactly(NEW);
  }

  @Test
  void oneAfterTheOtherAreTakenInTheirOrder() {
    read(OLD);
    write(NEW);
    told.reading(); // because of that
    write(OLD);

    assertThat(told.tell(NEW, heard::add)).as("what the first one wrote").isFalse();
    assertThat(read(OLD)).isTrue();
    assertThat(heard).containsExactly(OLD);
  }

  @Test
  void aReadingWhileItIsWrittenIsReadOnceMore() {
    read(OLD);
    told.writing();

    assertThat(read(NEW)).as("perhaps half of it").isFalse();
    told.written(NEW);
    assertThat(read(NEW)).isTrue();
    assertThat(heard).containsExactly(OLD);
  }

  @Test
  void whatCouldNotBeWrittenIsToldThoughItWasToldBefore() {
    read(NEW);
    told.writing();
    told.notWritten();
    read(NEW);
    read(NEW);

    assertThat(heard).containsExactly(NEW, NEW);
  }
}
