package dev.weft.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ToolsTest {

  private static final List<String> LACKING = List.of("nginx is not installed", "no Go");

  @Test
  void whatLacksIsNotThereAndFailsWhereItIsRequired() {
    assertThat(Tools.there(LACKING, false)).isFalse();
    assertThatThrownBy(() -> Tools.there(LACKING, true))
        .hasMessage("WEFT_TEST_TOOLS=required, but nginx is not installed, no Go");
  }

  @Test
  void whereNothingLacksItIsThereWhateverIsRequired() {
    assertThat(Tools.there(List.of(), false)).isTrue();
    assertThat(Tools.there(List.of(), true)).isTrue();
  }

  @Test
  void programsAreFoundByNameAndByPath() {
    assertThat(Tools.installed("sh", "/bin/sh")).isTrue();
  }
}
