package dev.weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.problem.Codes;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ProblemCodesTest {

  @Test
  void everyCodeIsExplained() throws IOException, IllegalAccessException {
    String page = Files.readString(Path.of("../docs/problems.md"));

    for (Field code : Codes.class.getFields()) {
      assertThat(page).contains("| " + code.get(null) + " |");
    }
  }
}
