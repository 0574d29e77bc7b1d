package dev.weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.weft.config.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whatever bytes a file has, they are read to the end, and what is wrong has a place in it. */
final class YamlFuzzTest {

  @FuzzTest(maxDuration = "10m")
  void aFileIsTakenOrTold(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    ConfigDocument document = new ConfigDocument("fuzz", "a.yaml", text);

    LoadResult result = ConfigLoader.load(List.of(document));

    assertThat(result.accepted()).isEqualTo(result.problems().stream().noneMatch(Problem::error));
    LoaderFuzzTest.placed(result, text);
  }
}
